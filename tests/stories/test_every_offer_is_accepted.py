"""Each act that a page offers, tried in each situation that the desk knows, by each role: none is refused.

`test_what_is_offered_is_accepted.py` goes there at random; here every situation is built on purpose and every offer is
taken, so that a condition in the table of acts that is too wide by one state fails by name.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from router.casework.deliver.withdraw import withdrawn
from router.casework.desk import case_acts, referral_acts, unit_acts
from router.casework.read.case_file import case_file
from router.casework.read.seen_by import file_seen_by
from router.guard.access import ROLES, Permission
from router.partners.base import Deferred, Outcome, Reason, Refused, Unknown
from router.store.base import Add, Change, Transition
from router.store.schema.tables import cases, inbox
from schemas.actor import Actor, Role
from schemas.acts import Receipt
from schemas.casefile import CaseFile
from schemas.trace import Verdict, VerdictKind
from schemas.vocabulary import Outcome as Ending
from tests.casebook import ANNA, EDGE, FORM, Casebook, Mail, Scripted, casebook, partner
from tests.embargoes import embargo
from tests.stories.offers import FILL, on_referral


class ByPeople(Scripted):
    """One whose word people bring."""

    confirmed_by_people: ClassVar[bool] = True


Situation = Callable[[Casebook], Awaitable[str]]
#: In how many ways a form can be filled in.
WAYS = {
    "send": 2,
    "refer": 2,
    "handed-over": 3,
    "look": 3,
    "assess": 4,
    "close": 2,
    "override": 2,
    "answer": 6,
    "not-ours": 2,
}
BUSY = Deferred(Reason.BUSY, "come later", 60.0)


async def received(book: Casebook) -> str:
    return await book.take()


async def located(book: Casebook) -> str:
    case_id = await book.take()
    await book.step(case_id)
    return case_id


async def waiting(book: Casebook) -> str:
    return await book.decided()


async def with_its_partner(book: Casebook) -> str:
    return await book.accepted()


async def under_embargo(book: Casebook) -> str:
    case_id = await book.decided()
    await embargo(book.ctx, "host", "example.test")
    await book.send()
    return case_id


async def under_embargo_and_a_child_at_risk(book: Casebook) -> str:
    await embargo(book.ctx, "host", "example.test")
    case_id = await book.take(urgency="live")
    await book.step(case_id)
    return case_id


async def under_embargo_and_to_be_looked_at(book: Casebook) -> str:
    case_id = await to_be_looked_at(book)
    await embargo(book.ctx, "host", "example.test")
    return case_id


async def not_assessed(book: Casebook) -> str:
    return await book.decided(actor=FORM)


async def at_risk(book: Casebook) -> str:
    return await book.decided(urgency="imminent_risk")


async def at_risk_and_not_assessed(book: Casebook) -> str:
    return await book.decided(actor=FORM, urgency="imminent_risk")


async def behind_an_edge(book: Casebook) -> str:
    book.world.verdict = EDGE
    return await book.decided()


async def without_a_host(book: Casebook) -> str:
    book.world.verdict = Verdict(kind=VerdictKind.UNRESOLVED)
    return await book.decided()


async def traced_anew(book: Casebook) -> str:
    """What was found before still stands in its row while it is traced again."""
    case_id = await without_a_host(book)
    await case_acts.retrace(book.ctx, case_id, ANNA, "again")
    return case_id


async def called_not_illegal(book: Casebook) -> str:
    case_id = await not_assessed(book)
    await case_acts.assess(book.ctx, case_id, ANNA, "seen", assessment="not_illegal")
    return (await book.step(case_id, 2))["id"]


async def to_be_looked_at(book: Casebook) -> str:
    case_id = await book.accepted()
    book.later(days=6)
    return (await book.step(case_id))["id"]


async def proposed_for_a_partner_that_wants_no_national_material(book: Casebook) -> str:
    book.partners(partner("hotline-nl", "NL", accepts=["baseline"]))
    return await not_assessed(book)


async def proposed_for_a_partner_that_is_gone(book: Casebook) -> str:
    case_id = await not_assessed(book)
    book.partners(partner("hotline-nl", "NL", enabled=False))
    return case_id


async def proposed_for_who_has_it_by_now(book: Casebook) -> str:
    case_id = await not_assessed(book)
    await case_acts.refer(book.ctx, case_id, ANNA, "mine", partner="hotline-nl", assessment="baseline")
    await book.send()
    await case_acts.ask(book.ctx, case_id, ANNA, "look again")
    return case_id


def after(*outcomes: Outcome) -> Situation:
    async def sent(book: Casebook) -> str:
        case_id = await book.decided()
        book.partner.script = list(outcomes)
        for _ in outcomes:
            await book.send()
            book.later(hours=1)
        return case_id

    return sent


async def held(book: Casebook) -> str:
    case_id = await book.decided()
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "wait")
    return case_id


async def being_sent(book: Casebook) -> str:
    case_id = await book.decided()
    await book.claim()
    return case_id


async def recalled_meanwhile(book: Casebook) -> str:
    case_id = await being_sent(book)
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    return case_id


async def closed(book: Casebook) -> str:
    case_id = await book.accepted()
    await case_acts.close(book.ctx, case_id, ANNA, "over", outcome=Ending.REMOVED)
    return case_id


async def from_a_peer(book: Casebook) -> str:
    case_id = await book.decided()
    row = {"peer": "hotline-nl", "origin": "hotline-nl", "origin_reference": "NL-1", "referral_id": "r-1"}
    row |= {"body_digest": b"", "receipt": "1", "taken_at": 1, "case_id": case_id}
    theirs = Change(cases, {"id": case_id}, {"source_kind": "peer"}, (await book.case(case_id))["version"])
    await book.ctx.store.commit(Transition(0, (theirs,), (Add(inbox, row),)))
    return case_id


async def to_be_told_by_hand(book: Casebook) -> str:
    """Taken back at a partner whom we cannot tell: people do, and nobody has said yet that they did."""
    case_id = await book.accepted()
    row = await book.referral(case_id)
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    await withdrawn(book.ctx, [await book.referral(case_id)], None)
    return case_id


async def with_a_unit(book: Casebook) -> str:
    """A partner whose word people bring: it has it, and nobody has said so yet."""
    case_id = await book.decided()
    book.partner.script = [Unknown(Reason.NOT_CONFIRMED, "no word came", for_people=True)]
    book.ctx = replace(book.ctx, dialects={**book.ctx.dialects, "scripted": ByPeople(script=book.partner.script)})
    await book.send()
    return case_id


async def confirmed_by_a_unit(book: Casebook) -> str:
    case_id = await with_a_unit(book)
    said = Receipt(number="FP-1")
    await unit_acts.receipt(book.ctx, (await book.referral(case_id))["id"], ANNA, said)
    return case_id


SITUATIONS: dict[str, Situation] = {
    one.__name__: one
    for one in (
        received,
        located,
        waiting,
        with_its_partner,
        under_embargo,
        under_embargo_and_a_child_at_risk,
        under_embargo_and_to_be_looked_at,
        not_assessed,
        at_risk,
        at_risk_and_not_assessed,
        behind_an_edge,
        without_a_host,
        traced_anew,
        called_not_illegal,
        to_be_looked_at,
        proposed_for_a_partner_that_wants_no_national_material,
        proposed_for_a_partner_that_is_gone,
        proposed_for_who_has_it_by_now,
        held,
        being_sent,
        recalled_meanwhile,
        closed,
        from_a_peer,
        to_be_told_by_hand,
        with_a_unit,
        confirmed_by_a_unit,
    )
} | {
    "refused": after(Refused(Reason.REFUSED, "Not ours.")),
    "deferred": after(BUSY),
    "unknown": after(Unknown(Reason.NO_ANSWER, "no answer came")),
    "unknown and then refused": after(Unknown(Reason.NO_ANSWER, "no answer"), Refused(Reason.REFUSED, "Not ours.")),
}


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Casebook]:
    """A house with an automatic partner in NL, one by mail in CA, and the police."""
    async with AsyncExitStack() as stack:
        book = await stack.enter_async_context(casebook(folder))
        book.ctx = replace(book.ctx, dialects={"scripted": book.partner, "mail": Mail()})
        yield book


async def offers(book: Casebook, case_id: str, actor: Actor) -> tuple[CaseFile, list[tuple[int | None, str]]]:
    if Permission.CASE_REVEAL in actor.permissions:
        await book.saw(case_id, actor)  # what is offered to who has not is a part of that
    file = file_seen_by(await case_file(book.ctx, case_id, reader=actor), actor.permissions)
    on_case: list[tuple[int | None, str]] = [(None, act) for act in file.acts]
    return file, on_case + [(place, act) for place, one in enumerate(file.referrals) for act in one.acts]


@pytest.mark.parametrize("name", sorted(SITUATIONS))
@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPERVISOR])
async def test_every_offer_is_accepted(tmp_path: Path, name: str, role: Role) -> None:
    actor = Actor(id=f"person:{role}", role=role, permissions=ROLES[role])
    tried, rounds = 0, 0
    while True:
        async with opened(tmp_path / str(rounds)) as book:
            rounds += 1
            case_id = await SITUATIONS[name](book)
            file, offered = await offers(book, case_id, actor)
            todo = [(place, act, pick) for place, act in offered for pick in range(WAYS.get(act, 1))]
            if tried == len(todo):
                break
            place, act, pick = todo[tried]
            tried += 1
            if place is None:
                await FILL[act](book.ctx, file, actor, pick)
            else:
                await on_referral(book.ctx, file, file.referrals[place], act, (actor, pick))
    may = {"acknowledge", "told-police"} if role is Role.VIEWER else None
    assert tried > 0 if may is None else {act for _, act in offered} <= may
