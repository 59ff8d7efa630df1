"""What a partner holds is what would be made at the moment at which it left; it holds it once; what is held stays here.

Where a referral stands between decision and receipt, and what its row says of that:

    waits            claims 0, no bytes
    claimed          sending, claims 1: whoever has it opens its case and makes its bytes
    with its bytes   a commit of its own, and the ledger's line; looked at once more, then called
    its sender died  sending, its lease over: with its bytes it may have left, and the next claim notes that
    tried            the same bytes ever after, whatever becomes of the case
    put back         waits, claims 0, no bytes: as it was
    taken back       recalled, or `recall_pending` while it is under way, whose end the outcome or the lease's end tells

Who changes something meanwhile: a source (joins, notes, assesses later), staff (recall, override, hold, retrace,
close), supervisors (policy, partner, stop, embargo), a police unit (tells nobody before a day), the clock (a trace
ages, a law begins), operators (keys), retention (erases), another worker, and death at any moment.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import pytest

from router.casework.case.pages import pages_of
from router.casework.case.record import last_trace, open_case
from router.casework.deliver import send as deliver
from router.casework.deliver import stops
from router.casework.deliver.message import Around, message
from router.casework.desk import case_acts, referral_acts
from router.casework.govern.rotate import rotate
from router.casework.intake import assessment
from router.guard.master import MASTER_FILE, load_or_create_master, open_keyring
from router.partners.base import CALL_SECONDS, Accepted, Envelope, Outcome, Reason, Refused
from router.partners.fields import allowed, select, to_bytes
from router.store.base import Change, Remove, Row, Transition
from router.store.schema.tables import case_keys, items, referrals, reports
from schemas.exchange import OwnMessage, ReferralMessage
from schemas.law import DatedLaw, law_on
from schemas.partner import Partner
from schemas.report import AssessmentLater, Label
from schemas.severity import SeverityRules
from schemas.states import ReferralState
from schemas.vocabulary import Assessment
from schemas.vocabulary import Outcome as Ended
from tests.casebook import ANALYSTS, ANNA, PAGE, Casebook, Scripted, casebook, partner
from tests.embargoes import embargo
from tests.office import START
from tests.police_holds import police_hold

SUSPECT = {"account": {"platform": "chat", "handle": "the-handle", "role": "suspect", "country": "NL"}}


@dataclass
class Peer(Scripted):
    """A partner as a router is one: it knows a key once it had it, and refuses another body under it."""

    bundle: ClassVar[int] = 1
    holds: dict[str, bytes] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)  #: what took effect there, each time that it did
    dies: bool | None = None  #: whoever sends dies before it has it (True), or once it has (False)

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        listed = self.fields if partner.fields is None else partner.fields
        law = message.law if isinstance(message, OwnMessage) else None
        return to_bytes({"law": law, "item": select(message, allowed(listed, partner.name))})

    async def send(
        self, partner: Partner, envelopes: Sequence[Envelope], deadline: float = CALL_SECONDS
    ) -> list[Outcome]:
        (one,) = envelopes
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.dies:
            raise asyncio.CancelledError
        self.calls.append([one])
        if one.referral_id not in self.holds:
            self.holds[one.referral_id] = one.payload
            self.times.append(one.referral_id)
        elif self.holds[one.referral_id] != one.payload:
            return [Refused(Reason.REFUSED, "This referral came before with another body.")]
        if self.dies is False:
            raise asyncio.CancelledError
        return [Accepted(f"receipt-{one.referral_id}")]


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Casebook]:
    path = tmp_path / MASTER_FILE
    load_or_create_master(path)
    async with casebook(tmp_path, Peer()) as book:
        book.ctx = replace(book.ctx, keyring=open_keyring(path), key_file=path)
        yield book


async def waiting(book: Casebook) -> tuple[str, Row]:
    """A case that is decided, and its referral."""
    case_id = await book.decided(item=SUSPECT)
    return case_id, await book.referral(case_id)


async def would_be(book: Casebook, case_id: str, row: Row) -> bytes:
    """The bytes that would be made now."""
    opened = await open_case(book.ctx, await book.case(case_id))
    trace, found = await last_trace(book.ctx, opened), book.rules.directory_.named(row["partner"])
    assert trace is not None and found is not None  # noqa: PT018 - neither is what is tested
    _, in_force = await book.ctx.governance.policy()
    law = law_on(book.clock.now().date(), in_force.law)
    around = Around(await pages_of(book.ctx, opened), in_force.severity, found.severity, law)
    return book.partner.freeze(message(book.ctx, opened, trace, row, around), found)


def watch(book: Casebook, case_id: str) -> list[bytes]:
    """Have what would be made be written down whenever something leaves."""
    made: list[bytes] = []

    async def look() -> None:
        made.append(await would_be(book, case_id, await book.referral(case_id)))

    book.partner.meanwhile = look
    return made


async def dead(book: Casebook) -> None:
    """Whoever has it is gone, and its lease over."""
    rows = await book.rows(referrals)
    await book.ctx.store.commit(
        Transition(1, tuple(Change(referrals, {"id": row["id"]}, {"claimed_until": 0}) for row in rows))
    )


def held_by(book: Casebook) -> Peer:
    assert isinstance(book.partner, Peer)
    return book.partner


# ------------------------------------------------------------------ what is told changes


async def nothing(book: Casebook, case_id: str) -> None:
    del book, case_id


async def joins(book: Casebook, case_id: str) -> None:
    assert await book.take(reference="r-2", note_to_partner="found out since") == case_id


async def is_urgent(book: Casebook, case_id: str) -> None:
    assert await book.take(reference="r-3", urgency="live") == case_id


async def is_labelled_later(book: Casebook, case_id: str) -> None:
    (report,) = await book.rows(reports)
    labels = (Label(scheme="ucs", version="1", value="v", by="bert", at=START),)
    given = AssessmentLater(value=Assessment.BASELINE, assessed_by="bert", assessed_at=START, labels=labels)
    await assessment.assess(book.ctx, report["id"], given, ANALYSTS)


async def is_sealed_anew(book: Casebook, case_id: str) -> None:
    """Its account goes, as where somebody had it erased."""
    opened = await open_case(book.ctx, await book.case(case_id))
    (item,) = await book.rows(items)
    left = opened.items[0].model_copy(update={"account": None})
    sealed = opened.key.seal(f"item:{item['id']}", left.model_dump_json(exclude_defaults=True).encode())
    await book.ctx.store.commit(Transition(1, (Change(items, {"id": item["id"]}, {"sealed": sealed}),)))


async def policy(book: Casebook, **update: Any) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(update=update)

    async def published() -> Any:
        return 2, book.rules.policy_

    book.rules.policy = published  # type: ignore[method-assign] # another version of it


async def severity_is_graded(book: Casebook, case_id: str) -> None:
    await policy(book, severity=SeverityRules(schemes={"be": ("low", "high")}))


async def gets_less(book: Casebook, case_id: str) -> None:
    book.partners(partner("hotline-nl", "NL", fields=("location", "hosting", "referral_id", "numbers", "path")))


async def a_law_begins(book: Casebook, case_id: str) -> None:
    await policy(book, law=(DatedLaw(since=START.date(), text="Article 1"),))


async def its_trace_ages(book: Casebook, case_id: str) -> None:
    book.later(hours=2)


async def is_traced_again(book: Casebook, case_id: str) -> None:
    book.later(minutes=5)
    await book.retraced(case_id)


async def keys_are_rotated(book: Casebook, case_id: str) -> None:
    assert book.ctx.key_file is not None
    await rotate(book.ctx, book.ctx.key_file, lambda _: None)


TOLD: dict[str, Callable[[Casebook, str], Awaitable[None]]] = {
    one.__name__: one
    for one in (
        nothing,
        joins,
        is_urgent,
        is_labelled_later,
        is_sealed_anew,
        severity_is_graded,
        gets_less,
        a_law_begins,
        its_trace_ages,
        is_traced_again,
        keys_are_rotated,
    )
}


@pytest.mark.parametrize("change", list(TOLD))
async def test_what_leaves_is_what_would_be_made_then(peer: Casebook, change: str) -> None:
    case_id, _ = await waiting(peer)
    await TOLD[change](peer, case_id)
    made = watch(peer, case_id)
    await peer.send()
    assert list(held_by(peer).holds.values()) == made
    assert (await peer.referral(case_id))["state"] == ReferralState.ACCEPTED


CLAIMED, FROZEN, ARRIVED = "with nothing made", "with its bytes in its hands", "once it had arrived"


@pytest.mark.parametrize("dies", [CLAIMED, FROZEN, ARRIVED])
@pytest.mark.parametrize("before", ["nothing", "joins", "its_trace_ages"])
@pytest.mark.parametrize("after", ["nothing", "is_urgent", "gets_less"])
async def test_a_sender_that_dies_leaves_nothing_twice_and_nothing_old(
    peer: Casebook, before: str, after: str, dies: str
) -> None:
    """Its partner knows a key and refuses another body under it, so the next one sends the same; or what is so then."""
    case_id, row = await waiting(peer)
    await TOLD[before](peer, case_id)
    made = watch(peer, case_id)
    if dies == CLAIMED:
        await peer.claim()
    else:
        held_by(peer).dies = dies == FROZEN
        with suppress(asyncio.CancelledError):
            await peer.send()
        held_by(peer).dies = None
    await dead(peer)
    await TOLD[after](peer, case_id)
    await peer.send()
    standing = await peer.referral(case_id)
    assert (standing["state"], standing["last_text"]) == (ReferralState.ACCEPTED, "The partner has it.")
    assert held_by(peer).times == [row["id"]]
    assert held_by(peer).holds[row["id"]] == made[0]  # of the moment at which it left first


# ------------------------------------------------------------------ what must not leave


async def recalled(book: Casebook, case_id: str) -> None:
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")


async def overridden(book: Casebook, case_id: str) -> None:
    await referral_acts.override(book.ctx, (await book.referral(case_id))["id"], ANNA, "theirs", partner="hotline-ca")


async def put_on_hold(book: Casebook, case_id: str) -> None:
    (row,) = await book.referrals(case_id)
    if row["state"] == ReferralState.WAITING:
        await referral_acts.hold(book.ctx, row["id"], ANNA, "wait for the unit")
    else:  # nobody can hold what is under way
        await recalled(book, case_id)


async def under_embargo(book: Casebook, case_id: str) -> None:
    await embargo(book.ctx, "url", PAGE)


async def police_ask(book: Casebook, case_id: str) -> None:
    await police_hold(book.ctx, case_id)


async def stopped(book: Casebook, case_id: str) -> None:
    await stops.stop(book.ctx, "all", ANNA, "an exercise")


async def disabled(book: Casebook, case_id: str) -> None:
    book.partners(partner("hotline-nl", "NL", enabled=False))


async def closed(book: Casebook, case_id: str) -> None:
    await case_acts.close(book.ctx, case_id, ANNA, "not illegal", outcome=Ended.NOT_ILLEGAL)


async def erased(book: Casebook, case_id: str) -> None:
    await book.ctx.store.commit(Transition(1, removes=(Remove(case_keys, {"case_id": case_id}),)))


async def found_legal(book: Casebook, case_id: str) -> None:
    (report,) = await book.rows(reports)
    said = AssessmentLater(value=Assessment.NOT_ILLEGAL, assessed_by="bert", assessed_at=book.clock.now())
    await assessment.assess(book.ctx, report["id"], said, ANALYSTS)


HELD: dict[str, Callable[[Casebook, str], Awaitable[None]]] = {
    one.__name__: one
    for one in (
        recalled,
        overridden,
        put_on_hold,
        under_embargo,
        police_ask,
        stopped,
        disabled,
        closed,
        erased,
        found_legal,
    )
}


#: Of a partner that is stopped nothing is claimed (`worker/sending`); a closed case alone is erased.
BEFORE, AFTER, LATEST = "before its claim", "after its claim", "right before the call"
NEVER = {("stopped", BEFORE), ("erased", LATEST)}


@pytest.mark.parametrize(
    ("change", "when"), [one for one in product(HELD, (BEFORE, AFTER, LATEST)) if one not in NEVER]
)
async def test_what_is_held_does_not_leave_whenever_that_comes(
    peer: Casebook, change: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, _ = await waiting(peer)
    found = peer.rules.directory_.named("hotline-nl")
    assert found is not None
    if when == BEFORE:
        await HELD[change](peer, case_id)
    rows = await peer.claim()
    if when == AFTER:
        await HELD[change](peer, case_id)
    kept, looked = peer.ctx.store.commit_all, [0]

    async def meanwhile(given: Sequence[Transition]) -> list[Exception | None]:
        done = await kept(given)
        looked[0] += 1
        if when == LATEST and looked[0] == 1:  # its bytes are on disk
            await HELD[change](peer, case_id)
        return done

    monkeypatch.setattr(peer.ctx.store, "commit_all", meanwhile)
    await deliver.run(peer.ctx, found, rows)
    assert held_by(peer).holds == {}
    theirs = [row for row in await peer.referrals(case_id) if row["partner"] == found.name]
    assert ReferralState.ACCEPTED not in {row["state"] for row in theirs}
