"""When a case is checked: counted from the acceptance, on working days, at its own rhythm, while the policy says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from router.casework.desk import look as looks
from router.casework.referral.check_dates import check_dates, counted_from
from router.clock import micros, moment
from router.partners.base import Reason, Unknown
from router.store.schema.tables import follow_ups
from schemas.casefile import DeskCode
from schemas.follow_up import FollowUpRule
from schemas.states import CaseState, ReferralState
from tests.casebook import ANNA, Casebook, Mail
from tests.casework.follow_up.checks import open_check

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


async def test_five_days_from_the_acceptance(book: Casebook) -> None:
    case_id = await book.accepted()
    accepted = (await book.referral(case_id))["accepted_at"]
    assert (await open_check(book))["due_at"] == accepted + 5 * DAY // MICROSECOND


async def test_what_falls_on_a_day_off_waits_for_a_working_day_by_the_clock_on_the_wall(book: Casebook) -> None:
    book.later(days=1)  # Monday 23 November: five days on is a Saturday
    await book.accepted()
    assert moment((await open_check(book))["due_at"]) == datetime(2026, 11, 30, 9, tzinfo=UTC)


async def test_nobody_said_that_they_have_it_so_the_count_begins_with_what_may_have_arrived(book: Casebook) -> None:
    book.ctx.dialects["scripted"] = mail = Mail()  # type: ignore[index]  # the casebook's own table
    mail.script = [Unknown(Reason.NO_ANSWER, "no answer")]
    case_id = await book.decided()
    await book.send()
    row = await book.referral(case_id)
    assert (row["state"], counted_from(row)) == (ReferralState.UNKNOWN, row["first_sent_at"])
    book.later(hours=4)
    await book.step(case_id)
    assert (await open_check(book))["due_at"] == row["first_sent_at"] + 5 * DAY // MICROSECOND


async def test_accepted_at_last_it_is_counted_from_then_on(book: Casebook) -> None:
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer")]
    case_id = await book.decided()
    await book.send()
    book.later(hours=4)
    await book.step(case_id)
    early = (await open_check(book))["due_at"]
    book.later(hours=2)
    await book.send()
    row = await book.referral(case_id)
    assert row["state"] == ReferralState.ACCEPTED
    assert (await open_check(book))["due_at"] == row["accepted_at"] + 5 * DAY // MICROSECOND > early


async def test_its_own_rhythm_follows(book: Casebook) -> None:
    rule = FollowUpRule(partner=("hotline-nl",), after=2 * DAY, every=3 * DAY)
    book.rules.policy_ = book.rules.policy_.model_copy(update={"follow_up_rules": (rule,)})
    case_id = await book.accepted()
    book.later(days=2)
    case = await book.step(case_id)
    assert (case["desk_code"], case["next_at"]) == (DeskCode.LOOK, micros(book.clock.now() + 3 * DAY))


async def test_when_the_policys_time_is_over_people_say_how_it_ends(book: Casebook) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(update={"follow_up_until": 12 * DAY})
    case_id = await book.accepted()
    for _ in range(4):
        book.later(days=5)
        if (await book.case(case_id))["next_at"] is None:
            break
        case = await book.step(case_id)
    assert (case["state"], case["next_at"]) == (CaseState.DESK, None)
    assert case["desk_text"].startswith("It was followed for")
    assert await book.rows(follow_ups, follow_ups.c.done_at.is_(None)) == []
    await looks.look(book.ctx, case_id, ANNA, "it is there", finding="still_there")
    assert (await open_check(book))["due_at"] > book.ctx.now(), "who says that it is there has it looked at again"


@pytest.mark.parametrize("also", [(), ("hotline-nl",)])
async def test_only_police_have_it_where_nobody_else_does(book: Casebook, also: tuple[str, ...]) -> None:
    dates = await check_dates(book.ctx)
    rows = [{"state": ReferralState.ACCEPTED, "partner": name} for name in ("federal-police", *also)]
    assert dates.only_police(rows) is (also == ())
    assert replace(dates, police=frozenset()).only_police(rows) is False
