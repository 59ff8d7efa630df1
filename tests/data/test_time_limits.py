"""Months as the law counts them: the same number, the month's last day, the next working day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data.time_limits import last_day
from router.data.working_days import is_working_day


@pytest.mark.parametrize(
    ("since", "months", "country", "last"),
    [
        ("2026-03-05", 1, "BE", "2026-04-07"),  # 5 April 2026 is Easter Sunday, the 6th its Monday
        ("2022-03-05", 1, "BE", "2022-04-05"),  # the example of Guidelines 01/2022
        ("2022-08-31", 1, "BE", "2022-09-30"),  # there is no 31 September: the other example
        ("2027-01-31", 1, "BE", "2027-03-01"),  # 28 February is a Sunday
        ("2028-01-31", 1, "BE", "2028-02-29"),
        ("2026-11-30", 1, "BE", "2026-12-30"),
        ("2026-11-25", 1, "BE", "2026-12-28"),  # Christmas Day is a Friday
        ("2026-11-30", 3, "BE", "2027-03-01"),  # 28 February again, a Sunday
        ("2026-12-14", 1, "BE", "2027-01-14"),
        ("2026-06-21", 1, "BE", "2026-07-22"),  # the national day is a holiday there only
        ("2026-06-21", 1, "NL", "2026-07-21"),
    ],
)
def test_the_last_day(since: str, months: int, country: str, last: str) -> None:
    assert last_day(date.fromisoformat(since), months, country).isoformat() == last


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.sampled_from([1, 3]), st.sampled_from(["BE", "NL", "DE", "KI"]))
def test_it_is_a_working_day_and_never_before_its_time(since: date, months: int, country: str) -> None:
    found = last_day(since, months, country)
    assert is_working_day(country, found)
    assert months * 28 <= (found - since).days <= months * 31 + 12
    between = (found - timedelta(days=n) for n in range(1, 12))
    rested = [day for day in between if not is_working_day(country, day)]
    assert found.day == since.day or rested or found.day in {28, 29, 30}
