"""Work of several steps: each is kept before the next, and whoever comes next goes on where it stands."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from router.casework.case.sealed import key_of
from router.casework.deliver import send as deliver
from router.casework.deliver.progress import NOT_BEGUN, kept, opened
from router.casework.deliver.will_leave import with_what_leaves
from router.casework.desk import case_acts, referral_acts
from router.casework.follow_up.partner_status import ask_partners
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.partners.base import (
    Accepted,
    Deferred,
    EffectClass,
    Outcome,
    Progress,
    Progressed,
    Reason,
    Refused,
    SentReferral,
    Step,
    Unknown,
)
from router.store.base import Change, Row, Transition
from router.store.schema.tables import attempts, audit, referrals
from router.worker.sending import Sending
from schemas.casefile import DeskCode
from schemas.exchange import ReferralStatus
from schemas.partner import Partner
from schemas.states import ReferralState
from schemas.vocabulary import Outcome as Closing
from tests.casebook import ANNA, Casebook, Scripted, casebook, partner

OPENED, MADE, FILED = "opened", "made", "filed"
AT_DOOR, NEARLY = Progress(OPENED, b"door 7"), Progress(FILED, b"content 5")
HALF = Progress(MADE, b"report 900001", {"report": "900001"})
BUSY = Deferred(Reason.BUSY, "come later", 60.0)
NO_ANSWER = Unknown(Reason.NO_ANSWER, "no answer came")


@dataclass
class Stepping(Scripted):
    """A partner that takes a report in three calls, and keeps one of them twice when it is made twice."""

    effect: ClassVar[EffectClass] = EffectClass.AT_LEAST_ONCE
    bundle: ClassVar[int] = 1
    steps: ClassVar[Mapping[str, Step]] = {
        OPENED: Step("A door is open; the report comes next.", arrived=False),
        MADE: Step("Report {report} is made; it is filed next.", effect=EffectClass.RECONCILABLE),
        FILED: Step("The report is filed; it is handed over next.", effect=EffectClass.IDEMPOTENT),
    }
    told: list[SentReferral] | None = None

    async def status(self, partner: Partner, sent: Any) -> list[ReferralStatus] | None:
        self.told = list(sent)
        return await super().status(partner, sent)

    async def withdraw(self, partner: Partner, sent: Any) -> list[Outcome] | None:
        self.told = list(sent)
        return await super().withdraw(partner, sent)


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path, Stepping()) as opened_book:
        yield opened_book


async def sent(book: Casebook, *script: Outcome | Exception) -> Row:
    """Send a new case once for each of these outcomes; return its referral."""
    case_id = await book.decided()
    for one in script:
        book.partner.script = [one]
        await book.send()
    return await book.referral(case_id)


def given(book: Casebook) -> list[tuple[Progress | None, bool]]:
    return [(one.progress, one.in_doubt) for call in book.partner.calls for one in call]


async def died(book: Casebook) -> None:
    """Let a worker die while the next call is under way, and its lease run out."""

    async def dies() -> None:
        raise asyncio.CancelledError

    book.partner.meanwhile = dies
    with pytest.raises(asyncio.CancelledError):
        await book.send()
    book.partner.meanwhile = None
    await lease_over(book)


async def lease_over(book: Casebook) -> None:
    changes = [Change(referrals, {"id": row["id"]}, {"claimed_until": 0}) for row in await book.rows(referrals)]
    await book.ctx.store.commit(Transition(book.ctx.now(), changes))


# ------------------------------------------------------------------ from step to step


async def test_between_two_steps_it_waits_and_says_what_is_done_and_since_when(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    assert (row["state"], row["next_at"], row["attempts"], row["claims"]) == ("waiting", book.ctx.now(), 0, 0)
    assert (row["may_have_arrived"], row["in_doubt"], row["last_text"]) == (1, 0, None)
    since = book.clock.now()
    book.later(minutes=3)
    shown = (await lists.referral(book.ctx, row["id"])).progress
    assert shown is not None
    assert (shown.step, shown.text, shown.since) == (MADE, "Report 900001 is made; it is filed next.", since)
    assert (await lists.referral(book.ctx, row["id"])).attempts == ()
    (leaving,) = (await with_what_leaves(book.ctx, await case_file(book.ctx, row["case_id"]))).leaving
    assert leaving.begun


async def test_each_step_gets_what_the_last_one_left_and_the_end_keeps_it(book: Casebook) -> None:
    row = await sent(book, Progressed(AT_DOOR), Progressed(HALF), Progressed(NEARLY), Accepted("900001#5"))
    assert given(book) == [(None, False), (AT_DOOR, False), (HALF, False), (NEARLY, False)]
    assert (row["state"], row["receipt"]) == (ReferralState.ACCEPTED, "900001#5")
    assert opened(book.partner, row, await key_of(book.ctx, row["case_id"])) == NEARLY
    assert (await lists.referral(book.ctx, row["id"])).progress is None
    (attempt,) = await book.rows(attempts)
    assert attempt["outcome"] == "accepted"


async def test_every_step_stands_in_the_audit_and_nothing_of_it_in_the_open(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    (event,) = await book.rows(audit, audit.c.act == "referral.progressed")
    assert json.loads(event["detail"]) == {"partner": "hotline-nl", "step": MADE, "state": "waiting"}
    assert HALF.data not in row["progress"]
    assert "b'report" not in repr(HALF)


async def test_a_step_that_may_not_come_yet_is_dated(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF, book.clock.now() + timedelta(minutes=1)))
    assert row["next_at"] == book.ctx.now() + 60_000_000
    assert await Sending(book.ctx).turn() == 0
    book.later(minutes=1)
    await Sending(book.ctx).turn()
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.ACCEPTED


async def test_what_failed_between_two_steps_goes_on_where_it_stood(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF), BUSY, BUSY)
    assert (row["state"], row["attempts"], row["progress_step"]) == (ReferralState.WAITING, 2, MADE)
    row = (await book.referrals(row["case_id"]))[0]
    book.partner.script = [Progressed(NEARLY)]
    await book.send()
    assert given(book)[-1] == (HALF, False)
    assert (await book.referral(row["case_id"]))["attempts"] == 0  # the partner answered: a new step, a new schedule


async def test_the_same_step_again_keeps_its_date(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    since = row["progress_at"]
    book.later(hours=1)
    book.partner.script = [Progressed(Progress(MADE, b"one of two", HALF.said))]
    await book.send()
    assert (await book.referral(row["case_id"]))["progress_at"] == since


# ------------------------------------------------------------------ a call whose end nobody knows


@pytest.mark.parametrize(
    ("before", "sent_again", "in_doubt"),
    [((), False, None), ((Progressed(HALF),), True, True), ((Progressed(NEARLY),), True, True)],
    ids=["at_least_once", "reconcilable", "idempotent"],
)
async def test_a_dead_senders_call_is_treated_as_its_step_says(
    book: Casebook, before: tuple[Outcome, ...], sent_again: bool, in_doubt: bool | None
) -> None:
    row = await sent(book, *before)
    await died(book)
    calls = len(book.partner.calls)
    await book.send()
    assert (len(book.partner.calls) > calls) is sent_again
    row, case = await book.referral(row["case_id"]), await book.case(row["case_id"])
    if sent_again:
        assert given(book)[-1][1] is in_doubt
        assert (row["state"], row["in_doubt"]) == (ReferralState.ACCEPTED, 0)
    else:
        assert (row["state"], case["desk_code"]) == (ReferralState.UNKNOWN, DeskCode.UNKNOWN)


async def test_the_doubt_stays_until_the_partner_was_asked(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF), NO_ANSWER, BUSY)
    assert (row["state"], row["in_doubt"]) == (ReferralState.WAITING, 1)
    book.partner.script = [Progressed(NEARLY)]
    await book.send()
    assert given(book)[-1] == (HALF, True)
    assert (await book.referral(row["case_id"]))["in_doubt"] == 0


async def test_whom_the_partner_cannot_tell_people_ask_and_their_word_ends_the_doubt(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF), Unknown(Reason.NO_ANSWER, "The hub has no such list.", for_people=True))
    assert (row["state"], row["in_doubt"]) == (ReferralState.UNKNOWN, 1)
    assert (await book.case(row["case_id"]))["desk_code"] == DeskCode.UNKNOWN
    await referral_acts.retry(book.ctx, row["id"], ANNA, "they have not")
    await book.send()
    assert given(book)[-1] == (HALF, False)


# ------------------------------------------------------------------ people act between two steps


async def test_recalled_between_two_steps_the_partner_is_told_at_once_what_it_has(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.WITHDRAWING
    book.partner.withdrawal = [Accepted("withdrawn")]
    await Sending(book.ctx).turn()
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.RECALLED
    assert isinstance(book.partner, Stepping)
    assert book.partner.told == [SentReferral(row["id"], None, HALF)]


async def test_recalled_before_the_partner_has_anything_nothing_is_told(book: Casebook) -> None:
    row = await sent(book, Progressed(AT_DOOR))
    assert row["may_have_arrived"] == 0
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.RECALLED


@pytest.mark.parametrize(("done", "state"), [(AT_DOOR, "recalled"), (HALF, "withdrawing")])
async def test_recalled_while_a_step_is_under_way_it_stops_after_it(book: Casebook, done: Progress, state: str) -> None:
    case_id = await book.decided()

    async def recall() -> None:
        await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")

    book.partner.meanwhile, book.partner.script = recall, [Progressed(done)]
    await book.send()
    row = await book.referral(case_id)
    assert (row["state"], row["progress_step"]) == (state, done.step)


async def test_held_and_released_between_two_steps_it_goes_on(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    await referral_acts.hold(book.ctx, row["id"], ANNA, "a moment")
    assert await book.claim() == []
    await referral_acts.release(book.ctx, row["id"], ANNA, "go on")
    await book.send()
    assert given(book)[-1] == (HALF, False)


async def test_a_case_closed_between_two_steps_is_taken_back_at_its_partner(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    await case_acts.close(book.ctx, row["case_id"], ANNA, "nothing there", outcome=Closing.UNAVAILABLE)
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.WITHDRAWING


async def test_a_step_that_is_refused_leaves_what_the_partner_has_to_people(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF), Refused(Reason.REFUSED, "Not before Monday."))
    case = await book.case(row["case_id"])
    assert (row["state"], case["desk_code"]) == (ReferralState.UNKNOWN, DeskCode.REFUSED)
    await referral_acts.retry(book.ctx, row["id"], ANNA, "it is Monday")
    await book.send()
    assert given(book)[-1] == (HALF, False)


async def test_a_withdrawal_may_take_several_steps_too(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    book.partner.withdrawal = [Progressed(AT_DOOR)]
    await Sending(book.ctx).turn()
    row = await book.referral(row["case_id"])
    assert (row["state"], row["claims"], row["progress_step"]) == (ReferralState.WITHDRAWING, 0, OPENED)
    book.partner.withdrawal = [Accepted("withdrawn")]
    await Sending(book.ctx).turn()
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.RECALLED


async def test_a_partner_is_asked_by_its_receipt_and_what_the_work_left(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF), Accepted("900001#5", NEARLY))
    await ask_partners(book.ctx, [row])
    assert isinstance(book.partner, Stepping)
    assert book.partner.told == [SentReferral(row["id"], "900001#5", NEARLY)]


# ------------------------------------------------------------------ another dialect


async def test_what_another_dialect_began_it_alone_takes_back(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    changed = Change(referrals, {"id": row["id"]}, {"dialect": "pigeon"})
    await book.ctx.store.commit(Transition(book.ctx.now(), [changed]))
    await deliver.withdraw(book.ctx, partner("hotline-nl", "NL"), await book.referrals(row["case_id"]))
    assert book.partner.dropped == []
    assert (await book.case(row["case_id"]))["desk_code"] == DeskCode.WITHDRAW


async def test_no_dialect_reads_what_another_wrote(book: Casebook) -> None:
    row = await sent(book, Progressed(HALF))
    key = await key_of(book.ctx, row["case_id"])
    assert opened(book.partner, row, key) == HALF
    assert opened(book.partner, row | {"dialect": "pigeon"}, key) is None
    assert opened(book.partner, row | NOT_BEGUN, key) is None
    assert opened(book.partner, row, None) is None  # erased


@pytest.mark.parametrize("slip", [Progress("slip", b"x"), Progress(MADE, b"x")], ids=["undeclared", "not_filled_in"])
async def test_a_step_that_cannot_be_said_is_kept_as_one_that_arrived(book: Casebook, slip: Progress) -> None:
    """A fault of the dialect, which its conformance finds; here nothing is lost by it."""
    row = await sent(book, Progressed(slip))
    assert (row["state"], row["may_have_arrived"]) == (ReferralState.WAITING, 1)
    shown = (await lists.referral(book.ctx, row["id"])).progress
    assert shown is not None
    assert "A part of it is done" in shown.text
    key = await key_of(book.ctx, row["case_id"])
    assert kept(book.partner, row, key, BUSY, 1) == {}
