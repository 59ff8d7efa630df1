"""The figures of this moment are what counting everything would find, and cost no counting."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from router.casework.deliver.partner_state import standing, tried
from router.casework.desk import case_acts
from router.casework.read import stats
from router.partners.base import Deferred, Reason, Refused
from schemas.casefile import DeskCode
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, FORM, Casebook

AWAY = [[Deferred(Reason.UNREACHABLE, "no")]] * 20


async def test_an_empty_router_has_figures_too(book: Casebook) -> None:
    found = await stats.stats(book.ctx)
    assert (found.cases, found.desk, found.referrals, found.oldest_on_desk) == ({}, {}, {}, None)
    assert (found.at_risk, found.without_receipt, found.due_today, found.partners_down) == (0, 0, 0, ())
    assert (found.overdue, found.at_risk_unacknowledged_since) == (0, None)


async def test_the_figures_are_those_of_this_moment(book: Casebook) -> None:
    await book.decided("https://a.test/", "r-1", FORM)
    since = book.clock.now()
    book.later(minutes=30)
    await book.decided("https://b.test/", "r-2", urgency="live")
    await book.decided("https://c.test/", "r-3")
    book.partner.script = [Deferred(Reason.BUSY, "busy", 60.0)]
    await book.send()
    await tried(book.ctx, await standing(book.ctx, "hotline-nl"), AWAY)
    found = await stats.stats(book.ctx)
    assert found.cases == {"desk": 2, "referred": 1}
    assert found.desk == {DeskCode.NOT_ASSESSED: 1, DeskCode.CHILD_AT_RISK: 1}
    assert (found.at_risk, found.without_receipt, found.due_today) == (1, 1, 1)
    assert (found.oldest_on_desk, found.partners_down) == (since, ("hotline-nl",))


async def test_what_went_wrong_is_counted_by_whoever_found_out(book: Casebook) -> None:
    """Refused, given away before it was taken, and what never left by a rule of ours: two came back, one was wrong."""
    answers = (Reason.REFUSED, Reason.NOT_OURS, Reason.OWN_RULE)
    for number, reason in enumerate(answers):
        await book.decided(f"https://host-{number}.test/", f"r-{number}")
        book.partner.script = [Refused(reason, "No.")]
        await book.send()
    found = await stats.stats(book.ctx)
    assert (found.misrouted, found.bounced) == (1, 2)


async def test_a_source_that_hears_nothing_is_no_partner_that_is_down(book: Casebook) -> None:
    await tried(book.ctx, await standing(book.ctx, "source:form"), AWAY)
    assert (await stats.stats(book.ctx)).partners_down == ()


async def test_the_oldest_on_the_desk_is_one_that_is_still_there(book: Casebook) -> None:
    gone = await book.decided("https://a.test/", "r-1", FORM)
    book.later(hours=1)
    await book.decided("https://b.test/", "r-2", FORM)
    await case_acts.close(book.ctx, gone, ANNA, "a cat", outcome=Outcome.NOT_ILLEGAL)
    assert (await stats.stats(book.ctx)).oldest_on_desk == book.clock.now()


async def test_what_is_late_is_counted_from_the_minute_it_is(book: Casebook) -> None:
    since = book.clock.now()
    await book.decided(urgency="live")
    book.later(minutes=15)
    assert (await stats.stats(book.ctx)).overdue == 0
    book.later(seconds=1)
    found = await stats.stats(book.ctx)
    assert (found.overdue, found.due_today, found.at_risk_unacknowledged_since) == (1, 1, since)


@pytest.mark.parametrize(("zone", "today"), [("Europe/Brussels", 1), ("Pacific/Kiritimati", 0)])
async def test_the_day_ends_when_the_houses_clock_says_so(book: Casebook, zone: str, today: int) -> None:
    # It is 09:50 UTC, and due at 10:05: tomorrow in Kiritimati, which is 14 hours ahead.
    book.ctx = replace(book.ctx, zone=ZoneInfo(zone))
    book.later(minutes=50)
    await book.decided(urgency="live")
    assert (await stats.stats(book.ctx)).due_today == today
