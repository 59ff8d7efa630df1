"""Nothing waits unseen: what is asked about which referral and when, and that every case has a next look."""

from typing import Any

import pytest

from router.casework.case.desk_entry import open_questions
from router.casework.desk import case_acts, referral_acts
from router.casework.follow_up import watchdog
from router.casework.referral.row import AT_ITS_CAP
from router.partners.base import Accepted, Reason, Unknown
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases, follow_ups, referrals
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from tests.casebook import ANNA, Casebook, Mail, casebook

HOUR = 3600 * 1_000_000
PATIENCE = 4 * HOUR
ACCOUNT = {"account": {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}}


def a_row(state: str, created: int = 0, next_at: int | None = None, reason: str | None = None) -> Row:
    dated = {"created_at": created, "next_at": next_at}
    return {"id": "r", "state": state, "partner": "p", "last_reason": reason, "progress_step": None, **dated}


@pytest.mark.parametrize(
    ("row", "asked_at", "code"),
    [
        (a_row("waiting", next_at=9), PATIENCE, DeskCode.UNDELIVERED),
        (a_row("waiting", next_at=24 * HOUR, reason=AT_ITS_CAP), 24 * HOUR + PATIENCE, DeskCode.UNDELIVERED),
        (a_row("waiting", next_at=24 * HOUR, reason="unreachable"), PATIENCE, DeskCode.UNDELIVERED),
        (a_row("sending", next_at=9), PATIENCE, DeskCode.UNDELIVERED),
        (a_row("held"), PATIENCE, DeskCode.STOPPED),
        (a_row("held", next_at=24 * HOUR), 24 * HOUR + PATIENCE, DeskCode.STOPPED),
        (a_row("unknown"), 0, DeskCode.UNKNOWN),
    ],
    ids=lambda one: one["state"] if isinstance(one, dict) else str(one),
)
def test_people_are_asked_about_what_nothing_comes_of(row: Row, asked_at: int, code: DeskCode) -> None:
    assert asked_at == 0 or watchdog.questions([row], asked_at - 1, PATIENCE) == ()
    ((about, asks),) = watchdog.questions([row], asked_at, PATIENCE)
    assert (about, asks[0]) == ("r", code)


def test_of_what_is_half_done_people_hear_that_the_partner_has_a_part() -> None:
    ((_, found),) = watchdog.questions([a_row("waiting", next_at=9) | {"progress_step": "made"}], PATIENCE, PATIENCE)
    assert found == (
        DeskCode.UNDELIVERED,
        "p has a part of it, and the rest is not done yet; the router keeps trying.",
    )


def test_what_waits_for_its_date_as_it_should_is_no_question_before_that() -> None:
    row = a_row("waiting", next_at=24 * HOUR)
    assert watchdog.questions([row], 24 * HOUR + PATIENCE - 1, PATIENCE, {"r"}) == ()
    assert watchdog.questions([row], 24 * HOUR + PATIENCE, PATIENCE, {"r"}) != ()
    assert watchdog.questions([row], PATIENCE, PATIENCE, {"another"}) != ()


def test_what_a_partner_has_is_no_question() -> None:
    assert watchdog.questions([a_row("accepted")], 10**18, PATIENCE) == ()


def test_the_gravest_is_asked_first() -> None:
    rows = [a_row("held"), a_row("waiting", next_at=1), a_row("unknown"), a_row("accepted")]
    asked = [asks[0] for _, asks in watchdog.questions(rows, PATIENCE, PATIENCE)]
    assert asked == [DeskCode.UNKNOWN, DeskCode.UNDELIVERED, DeskCode.STOPPED]


async def test_held_without_a_date_it_becomes_a_question(book: Casebook) -> None:
    case_id = await book.decided()
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "police asked")
    book.later(hours=4)
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.STOPPED)
    assert case["desk_text"] == "The referral to hotline-nl is still held; release it, or recall it."
    assert (await book.referral(case_id))["state"] == ReferralState.HELD


async def test_held_until_a_date_it_is_looked_at_after_that(book: Casebook) -> None:
    case_id = await book.decided()
    until = book.ctx.now() + 48 * HOUR
    held = {"state": "held", "next_at": until, "hold_until": until}
    await set_referral(book, case_id, **held)
    book.later(hours=4)
    case = await book.step(case_id)
    assert (case["state"], case["next_at"]) == (CaseState.REFERRED, until + PATIENCE)


async def test_what_may_have_arrived_stays_asked_whatever_is_decided_anew(tmp_path: Any) -> None:
    async with casebook(tmp_path, Mail(script=[Unknown(Reason.NO_ANSWER, "no answer")])) as book:
        case_id = await book.decided()
        await book.send()
        await case_acts.retrace(book.ctx, case_id, ANNA, "look where it is now")
        case = await book.step(case_id, 2)  # whom the policy names may have it already
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.UNKNOWN)
        row = await book.referral(case_id)
        assert case["desk_about"] == row["id"]
        await referral_acts.recall(book.ctx, row["id"], ANNA, "they do not have it")
        assert (await book.case(case_id))["desk_code"] == DeskCode.OVERRULED


async def test_a_case_that_lost_all_its_referrals_is_for_people(book: Casebook) -> None:
    case_id = await book.decided()
    await set_referral(book, case_id, state="recalled", next_at=None)
    case = await book.step(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.NO_RECIPIENT)


async def test_what_was_accepted_without_a_check_gets_one(book: Casebook) -> None:
    case_id = await book.decided()
    await set_referral(book, case_id, state="accepted", next_at=None, receipt="NL-7")
    case = await book.step(case_id)
    (check,) = await book.rows(follow_ups)
    assert case["next_at"] == check["due_at"] == book.ctx.now() + 5 * 24 * HOUR
    assert case["state"] == CaseState.REFERRED


async def test_looked_at_early_nobody_is_asked_yet(book: Casebook) -> None:
    case_id = await book.decided()
    told = book.ctx.now() + PATIENCE
    book.later(hours=1)
    case = await book.step(case_id)
    assert (case["state"], case["next_at"]) == (CaseState.REFERRED, told)


async def test_what_people_have_for_another_reason_is_asked_about_all_the_same(book: Casebook) -> None:
    case_id = await book.decided(item=ACCOUNT)
    book.partner.script = [Accepted("NL-7")]
    await book.send("hotline-nl")
    asked = {
        "state": "desk",
        "desk_code": DeskCode.DOUBTFUL,
        "desk_text": "see",
        "desk_since": book.ctx.now(),
        "desk_due": 2,
    }
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, asked),)))
    book.later(hours=5)
    case = await book.step(case_id)
    assert [one.code for one in open_questions(case)] == [DeskCode.DOUBTFUL, DeskCode.UNDELIVERED]
    assert case["next_at"] == book.ctx.now() + PATIENCE
    book.later(hours=5)
    again = await book.step(case_id)
    assert open_questions(again) == open_questions(case)  # and not asked anew


async def set_referral(book: Casebook, case_id: str, **values: object) -> None:
    row = await book.referral(case_id)
    await book.ctx.store.commit(Transition(book.ctx.now(), (Change(referrals, {"id": row["id"]}, values),)))
