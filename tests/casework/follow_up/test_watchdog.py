"""Nothing waits unseen: what is asked about which referral and when, and that every case has a next look."""

from typing import Any

import pytest

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
        (a_row("recalled"), 0, DeskCode.NO_RECIPIENT),
        (a_row("recall_pending"), 0, DeskCode.NO_RECIPIENT),
        (a_row("withdrawing"), 0, DeskCode.NO_RECIPIENT),
    ],
    ids=lambda one: one["state"] if isinstance(one, dict) else str(one),
)
def test_people_are_asked_about_what_nothing_comes_of(row: Row, asked_at: int, code: DeskCode) -> None:
    assert asked_at == 0 or watchdog.question([row], asked_at - 1, PATIENCE) is None
    found = watchdog.question([row], asked_at, PATIENCE)
    assert found is not None
    assert found[0] is code


def test_of_what_is_half_done_people_hear_that_the_partner_has_a_part() -> None:
    found = watchdog.question([a_row("waiting", next_at=9) | {"progress_step": "made"}], PATIENCE, PATIENCE)
    assert found == (
        DeskCode.UNDELIVERED,
        "p has a part of it, and the rest is not done yet; the router keeps trying.",
    )


def test_what_waits_for_its_date_as_it_should_is_no_question_before_that() -> None:
    row = a_row("waiting", next_at=24 * HOUR)
    assert watchdog.question([row], 24 * HOUR + PATIENCE - 1, PATIENCE, {"r"}) is None
    assert watchdog.question([row], 24 * HOUR + PATIENCE, PATIENCE, {"r"}) is not None
    assert watchdog.question([row], PATIENCE, PATIENCE, {"another"}) is not None


def test_what_a_partner_has_is_no_question() -> None:
    assert watchdog.question([a_row("accepted")], 10**18, PATIENCE) is None


def test_the_gravest_is_asked_first() -> None:
    rows = [a_row("held"), a_row("waiting", next_at=1), a_row("unknown"), a_row("accepted")]
    asked = []
    while (found := watchdog.question(rows, PATIENCE, PATIENCE)) is not None:
        asked.append(found[0])
        rows.remove(next(row for row in rows if row["state"] == _STATE[found[0]]))
    assert asked == [DeskCode.UNKNOWN, DeskCode.UNDELIVERED, DeskCode.STOPPED]


_STATE = {DeskCode.UNKNOWN: "unknown", DeskCode.UNDELIVERED: "waiting", DeskCode.STOPPED: "held"}


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


async def test_what_may_have_arrived_is_asked_about_again_when_its_place_was_cleared(tmp_path: Any) -> None:
    async with casebook(tmp_path, Mail(script=[Unknown(Reason.NO_ANSWER, "no answer")])) as book:
        case_id = await book.decided()
        await book.send()
        await case_acts.retrace(book.ctx, case_id, ANNA, "look where it is now")
        case = await book.step(case_id, 2)
        assert case["state"] == CaseState.REFERRED  # whom the policy names may have it already
        book.later(microseconds=case["next_at"] - book.ctx.now())
        case = await book.step(case_id)
        assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.UNKNOWN)


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


async def test_while_people_have_it_nothing_is_asked_anew(book: Casebook) -> None:
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
    assert (case["desk_code"], case["next_at"]) == (DeskCode.DOUBTFUL, book.ctx.now() + PATIENCE)


async def set_referral(book: Casebook, case_id: str, **values: object) -> None:
    row = await book.referral(case_id)
    await book.ctx.store.commit(Transition(book.ctx.now(), (Change(referrals, {"id": row["id"]}, values),)))
