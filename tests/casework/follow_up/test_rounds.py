"""Partners asked in rounds: many referrals a call, no more calls than a round allows, and no news costs nothing."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from router.casework.context import Context
from router.casework.deliver import stops
from router.casework.desk import case_acts
from router.casework.follow_up import rounds
from router.casework.follow_up.partner_status import Answer
from router.errors import NotSent
from router.partners.base import SentReferral
from router.partners.rounds import Rounds
from router.store.base import Row, Transition
from router.store.schema.tables import actions, cases, referrals, status_rounds
from router.worker.asking import Asking
from schemas.exchange import ActionStatement, ReferralStatus
from schemas.partner import Partner
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionType, Outcome
from tests.casebook import ANNA, Casebook, Scripted, casebook, partner
from tests.casework.follow_up.checks import says
from tests.embargoes import embargo, ended

ROUNDS = Rounds(every=timedelta(hours=1), at_once=3, calls=4)


@dataclass
class Peer(Scripted):
    """One that is asked in rounds, and remembers what it was asked together."""

    rounds: ClassVar[Rounds | None] = ROUNDS
    questions: list[tuple[str, ...]] = field(default_factory=list)

    async def status(self, partner: Partner, sent: Sequence[SentReferral]) -> list[ReferralStatus] | None:
        self.questions.append(tuple(one.referral_id for one in sent))
        said = await super().status(partner, sent)
        return [ReferralStatus(referral_id=one.referral_id, known=True) for one in sent] if said is None else said


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
async def book(tmp_path: Path, peer: Peer) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path, peer) as opened:
        yield opened


async def has(book: Casebook, count: int) -> list[str]:
    """Return the cases of as many referrals that the Dutch hotline has."""
    return [await book.accepted(location=f"https://h{one}.test/", reference=f"r-{one}") for one in range(count)]


async def minutes(book: Casebook, count: int) -> None:
    asking = Asking(book.ctx)
    for _ in range(count):
        await asking.turn()
        book.later(minutes=1)


async def test_whatever_waits_a_partner_gets_no_more_calls_and_everybody_has_a_turn(book: Casebook, peer: Peer) -> None:
    case_ids = await has(book, 20)
    await minutes(book, 60)
    assert len(peer.questions) == ROUNDS.calls
    await minutes(book, 45)
    one_round = [one for question in peer.questions[:7] for one in question]
    assert sorted(one_round) == sorted([(await book.referral(one))["id"] for one in case_ids])
    await minutes(book, 60)
    assert len(peer.questions) <= 3 * ROUNDS.calls


async def test_what_is_over_is_looked_through_in_parts_and_nobody_behind_it_is_left_out(
    book: Casebook, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "_LOOKED", 2)
    case_ids = await has(book, 9)
    for case_id in case_ids[:5]:
        await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    await minutes(book, 60)
    sent = [(await book.referral(one))["id"] for one in case_ids[5:]]
    assert peer.questions[:2] == [tuple(sent[:3]), tuple(sent[3:])]


async def test_few_are_asked_in_one_call_an_hour(book: Casebook, peer: Peer) -> None:
    await has(book, 2)
    await minutes(book, 180)
    assert [len(one) for one in peer.questions] == [2, 2, 2]


async def test_what_nobody_has_is_not_asked_and_no_news_writes_nothing(book: Casebook, peer: Peer) -> None:
    await minutes(book, 61)
    assert peer.questions == []
    await has(book, 2)
    before = await book.rows(cases), await book.rows(referrals)
    await minutes(book, 60)
    assert len(peer.questions) == 1
    assert (await book.rows(cases), await book.rows(referrals)) == before


async def test_a_word_that_ends_it_is_checked_at_once_and_asked_once(book: Casebook, peer: Peer) -> None:
    first, second = await has(book, 2)
    await says(book, first, ActionType.REMOVED)
    await minutes(book, 1)
    assert [(await book.case(one))["state"] for one in (first, second)] == [CaseState.CLOSED, CaseState.REFERRED]
    assert len(peer.questions) == 1, "what it said is not asked for again, case by case"


async def test_what_only_began_is_kept_once_and_asks_nobody_anything(book: Casebook, peer: Peer) -> None:
    (case_id,) = await has(book, 1)
    await says(book, case_id, ActionType.REPORTED_TO_LEA)
    traced = len(book.world.asked)
    await minutes(book, 181)
    assert [row["action"] for row in await book.rows(actions)] == [ActionType.REPORTED_TO_LEA]
    assert ((await book.case(case_id))["desk_code"], len(book.world.asked)) == (None, traced)
    assert len(peer.questions) == 4


async def test_one_that_sends_it_back_is_heard(book: Casebook, peer: Peer) -> None:
    (case_id,) = await has(book, 1)
    one = (await book.referral(case_id))["id"]
    peer.says = [ReferralStatus(referral_id=one, known=True, returned=True)]
    await minutes(book, 1)
    assert (await book.referral(case_id))["state"] == ReferralState.REFUSED


async def test_one_that_is_silent_is_asked_again_soon_and_keeps_no_other_page_waiting(
    book: Casebook, peer: Peer
) -> None:
    await has(book, 4)
    peer.says = NotSent()
    await minutes(book, 31)
    assert [len(one) for one in peer.questions] == [3, 1, 3]


async def test_nobody_is_asked_whom_a_stop_or_the_directory_keeps_us_from(book: Casebook, peer: Peer) -> None:
    await has(book, 1)
    await stops.stop(book.ctx, "partner:hotline-nl", ANNA, "wrong number")
    await minutes(book, 61)
    await stops.lift(book.ctx, "partner:hotline-nl", ANNA, "mended")
    book.partners(partner("hotline-nl", "NL", enabled=False))
    await minutes(book, 61)
    assert peer.questions == []


async def test_nothing_is_asked_about_what_an_embargo_holds_and_the_rest_has_its_turn(
    book: Casebook, peer: Peer
) -> None:
    held, *free = await has(book, 5)
    said = await embargo(book.ctx, "host", "h0.test")
    ids = {one: (await book.referral(one))["id"] for one in (held, *free)}
    await minutes(book, 61)
    assert {one for question in peer.questions for one in question} == {ids[one] for one in free}
    await ended(book.ctx, said.embargo.id)
    await minutes(book, 61)
    assert ids[held] in {one for question in peer.questions for one in question}


async def test_a_page_of_which_all_is_held_is_no_silence(book: Casebook, peer: Peer) -> None:
    await has(book, 1)
    await embargo(book.ctx, "host", "h0.test")
    await minutes(book, 1)
    assert peer.questions == []
    due = {place["partner"]: place["due_at"] for place in await book.rows(status_rounds)}
    assert due["hotline-nl"] - book.ctx.now() > timedelta(minutes=50) // timedelta(microseconds=1)


async def test_one_broken_case_costs_no_other_one_anything(
    book: Casebook, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await has(book, 2)
    at = book.ctx.clock.now()
    gone = ActionStatement(action=ActionType.REMOVED, at=at)
    peer.says = [
        ReferralStatus(referral_id=(await book.referral(one))["id"], known=True, actions=(gone,))
        for one in (first, second)
    ]
    follow = rounds.told

    async def breaks(ctx: Context, row: Row, said: Mapping[str, Answer]) -> Transition:
        if row["id"] == first:
            raise RuntimeError("broken")
        return await follow(ctx, row, said)

    monkeypatch.setattr(rounds, "told", breaks)
    await minutes(book, 1)
    assert [(await book.case(one))["state"] for one in (first, second)] == [CaseState.REFERRED, CaseState.CLOSED]
    monkeypatch.undo()
    await minutes(book, 60)
    assert (await book.case(first))["state"] == CaseState.CLOSED
