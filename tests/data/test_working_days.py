"""Working days: every country has some, holidays are none, and a moment keeps its time on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data.working_days import days_later, is_working_day, next_working
from schemas.countries import ALPHA2

BRUSSELS = ZoneInfo("Europe/Brussels")


@pytest.mark.parametrize(
    ("country", "day", "works"),
    [
        ("BE", date(2026, 11, 27), True),
        ("BE", date(2026, 11, 28), False),  # a Saturday
        ("BE", date(2026, 7, 21), False),  # the national day
        ("NL", date(2026, 7, 21), True),
        ("NL", date(2026, 4, 27), False),  # the King's day
        ("IL", date(2026, 11, 27), False),  # a Friday
        ("AQ", date(2026, 11, 27), True),
    ],
)
def test_people_work_on_days_of_their_own(country: str, day: date, works: bool) -> None:
    assert is_working_day(country, day) is works


def test_every_country_works_again_soon() -> None:
    start = datetime(2026, 12, 24, 10, tzinfo=UTC)
    for country in sorted(ALPHA2)[::9]:
        assert is_working_day(country, next_working(country, start, UTC).date())


@given(
    st.integers(0, 700 * 24).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    st.integers(0, 40),
)
def test_whole_days_keep_the_time_on_the_wall(at: datetime, days: int) -> None:
    then = next_working("BE", days_later(at, timedelta(days=days), BRUSSELS), BRUSSELS)
    assert then >= at
    assert is_working_day("BE", then.astimezone(BRUSSELS).date())
    drift = abs(
        datetime.combine(date.min, then.astimezone(BRUSSELS).time())
        - datetime.combine(date.min, at.astimezone(BRUSSELS).time())
    )
    assert drift in (timedelta(0), timedelta(hours=1)), "an hour that a clock leaves out is an hour later"


def test_less_than_a_day_is_counted_by_the_hour() -> None:
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the clock goes back at 01:00 UTC
    assert days_later(night, timedelta(hours=4), BRUSSELS) == night + timedelta(hours=4)
    assert days_later(night, timedelta(days=1), BRUSSELS) == night + timedelta(hours=25)
