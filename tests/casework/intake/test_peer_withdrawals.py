"""What peers take back: for people when it came, remembered when it did not, each once whatever happens meanwhile."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from router.casework.case.record import open_case
from router.casework.desk import case_acts
from router.casework.intake import peer_inbox, peer_withdrawals
from router.casework.intake.peer_withdrawals import reminded
from router.clock import moment
from router.errors import Conflict, Unavailable
from router.store.base import Add, Transition
from router.store.schema.tables import audit, cases, meta
from router.store.schema.tables import inbox as table
from schemas.actor import Actor
from schemas.casefile import DeskCode
from schemas.exchange import ReferralBundle, ReferralMessage, StatusQuery
from schemas.states import CaseState
from schemas.vocabulary import Outcome, Urgency
from tests.casebook import ANNA, Casebook
from tests.embargoes import embargo
from tests.referrals import a_message

SENDER = "hotline-nl"
PEER = Actor(id=f"peer:{SENDER}")


async def took(book: Casebook, **more: Any) -> ReferralMessage:
    """A referral that this peer brought."""
    given = {"path": (SENDER,), "origin": SENDER, "received_at": book.clock.now(), "account": None}
    message = a_message(**{**given, **more})
    bundle = ReferralBundle(sender=SENDER, recipient="hotline-be", referrals=(message,))
    await peer_inbox.take_referrals(book.ctx, bundle, SENDER, PEER)
    return message


async def withdrawals(book: Casebook) -> list[dict[str, Any]]:
    return [json.loads(row["detail"]) for row in await book.rows(audit, audit.c.act == "inbox.withdrawn")]


async def test_it_is_for_people_and_nothing_is_closed(book: Casebook) -> None:
    one = (await took(book)).referral_id
    await decided(book)
    await peer_withdrawals.take_back(book.ctx, SENDER, [one])
    (case,) = await book.rows(cases)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.OVERRULED)
    assert await withdrawals(book) == [{"came": True, "referral": one}]


@pytest.mark.parametrize("steps", [0, 1], ids=["received", "located"])
async def test_taken_back_seconds_after_it_came_a_child_at_risk_is_judged_all_the_same(
    book: Casebook, steps: int
) -> None:
    one = (await took(book, urgency=Urgency.IMMINENT_RISK)).referral_id
    (case,) = await book.rows(cases)
    await book.step(case["id"], steps)
    await peer_withdrawals.take_back(book.ctx, SENDER, [one])
    assert (await book.step(case["id"], 2 - steps))["desk_code"] == DeskCode.CHILD_AT_RISK
    assert "federal-police" in {row["partner"] for row in await book.referrals(case["id"])}


@pytest.mark.parametrize("steps", [0, 1], ids=["received", "located"])
async def test_taken_back_before_it_was_decided_its_decision_tells_people_once(book: Casebook, steps: int) -> None:
    one = (await took(book)).referral_id
    (case,) = await book.rows(cases)
    await book.step(case["id"], steps)
    await peer_withdrawals.take_back(book.ctx, SENDER, [one])
    case = await book.step(case["id"], 2 - steps)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.OVERRULED)
    assert case["desk_text"] == "hotline-nl took its referral back; say what is to be done."
    book.later(minutes=5)
    await case_acts.retrace(book.ctx, case["id"], ANNA, "others reported it too")
    assert (await book.step(case["id"], 2))["desk_text"] != case["desk_text"]


async def decided(book: Casebook) -> None:
    for row in await book.rows(cases):
        await book.step(row["id"], 2)


async def test_taken_back_twice_it_is_written_down_once(book: Casebook) -> None:
    came, never = (await took(book)).referral_id, str(uuid4())
    for _ in range(2):
        await peer_withdrawals.take_back(book.ctx, SENDER, [came, never, came, never])
    assert len(await withdrawals(book)) == 2


async def test_two_of_one_location_are_one_question(book: Casebook) -> None:
    ids = [(await took(book)).referral_id for _ in range(2)]
    await decided(book)
    await peer_withdrawals.take_back(book.ctx, SENDER, ids)
    (case,) = await book.rows(cases)
    assert case["desk_code"] == DeskCode.OVERRULED
    assert all(row["withdrawn_at"] == book.ctx.now() for row in await book.rows(table))


async def test_of_a_closed_case_nothing_is_asked(book: Casebook) -> None:
    one = (await took(book)).referral_id
    (case,) = await book.rows(cases)
    await case_acts.close(book.ctx, case["id"], ANNA, "gone", outcome=Outcome.REMOVED)
    await peer_withdrawals.take_back(book.ctx, SENDER, [one])
    assert (await book.case(case["id"]))["state"] == CaseState.CLOSED
    assert len(await withdrawals(book)) == 1


async def test_what_never_came_is_remembered_without_a_case(book: Casebook) -> None:
    one = str(uuid4())
    await peer_withdrawals.take_back(book.ctx, SENDER, [one])
    (row,) = await book.rows(table)
    assert (row["referral_id"], row["withdrawn_at"], peer_withdrawals.never_came(row)) == (one, book.ctx.now(), True)
    assert await withdrawals(book) == [{"came": False, "referral": one}]


async def test_what_could_never_come_is_not_kept(book: Casebook) -> None:
    await peer_withdrawals.take_back(book.ctx, SENDER, ["", "x" * 36, "0" * 37])
    assert await book.rows(table) == []


async def test_only_a_peers_own_is_taken_back(book: Casebook) -> None:
    one = (await took(book)).referral_id
    await peer_withdrawals.take_back(book.ctx, "hotline-de", [one])
    ours = await peer_withdrawals.known(book.ctx, SENDER, [one])
    assert ours[one]["withdrawn_at"] is None
    (case,) = await book.rows(cases)
    assert case["state"] == CaseState.RECEIVED


async def test_a_case_that_moves_on_meanwhile_is_read_again(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    one = (await took(book)).referral_id
    whole, moved = type(book.ctx.store).commit, asyncio.Event()

    async def commit(store: Any, transition: Transition) -> None:
        if not moved.is_set():
            moved.set()
            (case,) = await book.rows(cases)
            await book.step(case["id"], 2)
        await whole(store, transition)

    monkeypatch.setattr(type(book.ctx.store), "commit", commit)
    await peer_withdrawals.take_back(book.ctx, SENDER, [one])
    (case,) = await book.rows(cases)
    assert (case["desk_code"], case["hosting_country"]) == (DeskCode.OVERRULED, "NL")


async def test_one_that_never_stands_still_is_asked_for_later(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conflict would tell the sender's router no, and its staff would have to repeat it by hand."""

    async def never(store: Any, transition: Transition) -> None:
        raise Conflict

    monkeypatch.setattr(type(book.ctx.store), "commit", never)
    with pytest.raises(Unavailable) as refused:
        await peer_withdrawals.take_back(book.ctx, SENDER, [str(uuid4())])
    assert (refused.value.status, refused.value.retry_after) == (503, 5.0)


async def came(book: Casebook) -> tuple[str, str]:
    """A referral of the peer, and its case, that our own partner has by now."""
    one = (await took(book)).referral_id
    (case,) = await book.rows(cases)
    await book.step(case["id"], 2)
    return one, case["id"]


async def test_people_are_asked_to_look_once(book: Casebook) -> None:
    one, case_id = await came(book)
    for _ in range(2):
        assert await reminded(book.ctx, SENDER, [one, one, "somebody else's"]) == (one,)
    assert [row["act"] for row in await book.rows(audit)].count("peer.reminded") == 1
    case = await book.case(case_id)
    assert f"{SENDER} sees it there still" in case["desk_more"]


async def test_of_anothers_referral_nothing_is_said(book: Casebook) -> None:
    one, _ = await came(book)
    assert await reminded(book.ctx, "hotline-fr", [one]) == ()
    assert await reminded(book.ctx, SENDER, []) == ()


@pytest.mark.parametrize("what", ["closed", "held"])
async def test_a_closed_and_a_held_case_sound_as_any_other_and_nobody_is_asked(book: Casebook, what: str) -> None:
    one, case_id = await came(book)
    if what == "closed":
        await book.saw(case_id)
        await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    else:
        (case,) = await book.rows(cases)
        await embargo(book.ctx, "url", (await open_case(book.ctx, case)).locator.canonical)
    before = await book.case(case_id)
    assert await reminded(book.ctx, SENDER, [one]) == (one,)
    assert await book.case(case_id) == before


async def test_once_it_was_put_back_every_answer_names_since_when_it_is_sent_again(book: Casebook) -> None:
    query = StatusQuery(sender=SENDER, recipient=book.ctx.me)
    assert (await peer_inbox.status(book.ctx, query, SENDER)).send_again_since is None
    since = book.ctx.now() - 3_600_000_000
    made = Add(meta, {"name": "send_again_since", "value": str(since).encode()})
    await book.ctx.store.commit(Transition(1, adds=(made,)))
    assert (await peer_inbox.status(book.ctx, query, SENDER)).send_again_since == moment(since)
