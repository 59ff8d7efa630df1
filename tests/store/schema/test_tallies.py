"""What the tallies' own words promise."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from router.clock import end_of_day, micros
from router.store.schema.tallies import QUARTER, tallies


def test_midnight_is_the_beginning_of_a_quarter_of_an_hour_everywhere() -> None:
    today = datetime(2026, 11, 30, 12, tzinfo=UTC)
    for zone in sorted(available_timezones() - {"localtime"}):
        for month in (0, 6):
            ends = end_of_day(today + timedelta(days=30 * month), ZoneInfo(zone))
            assert micros(ends) % QUARTER == 0, zone


def test_no_two_transactions_count_in_one_row() -> None:
    assert [column.name for column in tallies.primary_key] == [
        "kind", "state", "reason", "source", "country", "partner", "mark", "part",
    ]  # fmt: skip
