"""Time is injected: stored in microseconds without loss, and a story's clock moves only when told to."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.clock import StoryClock, SystemClock, end_of_day, micros, moment, moment_or_none

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


#: A year from both ends, where another zone has no date; the ends stand in a table below.
MOMENTS = st.datetimes(
    START.replace(2, tzinfo=None), START.replace(9998, tzinfo=None), timezones=st.timezones(), allow_imaginary=False
)


@given(MOMENTS)
def test_a_moment_comes_back_from_the_store_as_it_went(given: datetime) -> None:
    # Compared in one zone: between two, a moment that a clock shows twice equals no other (PEP 495).
    assert moment(micros(given)) == given.astimezone(UTC)
    assert moment(micros(given)).tzinfo is UTC


@given(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_every_microsecond_is_its_own_moment(number: int) -> None:
    assert micros(moment(number)) == number


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), datetime.min.replace(tzinfo=UTC)),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))), datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_moment_that_utc_cannot_name_is_read_as_the_nearest_one(given: datetime, read: datetime) -> None:
    assert moment(micros(given)) == read


def test_an_offset_is_the_same_moment() -> None:
    brussels = timezone(timedelta(hours=1))
    assert micros(datetime(2026, 11, 22, 10, 0, tzinfo=brussels)) == micros(START)


def test_a_moment_without_an_offset_is_refused_and_not_guessed() -> None:
    with pytest.raises(TypeError):
        micros(datetime(2026, 11, 22, 9, 0))  # noqa: DTZ001 - that is the mistake


def test_no_moment_is_none_and_the_epoch_is_one() -> None:
    assert moment_or_none(None) is None
    assert moment_or_none(0) == datetime(1970, 1, 1, tzinfo=UTC)


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.utcoffset() == timedelta()
    assert before <= now <= datetime.now(UTC)


async def test_the_machines_clock_waits() -> None:
    loop = asyncio.get_running_loop()
    before = loop.time()
    await SystemClock().sleep(0.02)
    assert loop.time() - before >= 0.015


async def test_a_storys_clock_moves_only_when_told_to() -> None:
    clock = StoryClock(START)
    await clock.sleep(0.001)
    assert clock.now() == START
    clock.advance(timedelta(days=5))
    assert clock.now() == START + timedelta(days=5)


async def test_waiting_by_a_storys_clock_costs_no_real_time_but_gives_others_a_turn() -> None:
    loop, turns = asyncio.get_running_loop(), []
    loop.call_soon(turns.append, 1)
    before = loop.time()
    await StoryClock(START).sleep(86_400)
    assert turns == [1]
    assert loop.time() - before < 2


@pytest.mark.parametrize(
    ("now", "ends", "hours"),
    [
        ("2026-11-22T23:50:00+00:00", "2026-11-23T23:00:00+00:00", 24),  # 00:50 of the next day in Brussels
        ("2026-03-29T00:30:00+00:00", "2026-03-29T22:00:00+00:00", 23),  # the clock goes forward that night
        ("2026-10-25T00:30:00+00:00", "2026-10-25T23:00:00+00:00", 25),  # and back that one
    ],
)
def test_a_day_ends_at_the_houses_midnight_also_when_its_clock_is_changed(now: str, ends: str, hours: int) -> None:
    zone = ZoneInfo("Europe/Brussels")
    found = end_of_day(datetime.fromisoformat(now), zone)
    assert found == datetime.fromisoformat(ends)
    assert found - end_of_day(found - timedelta(hours=26), zone) == timedelta(hours=hours)


@given(MOMENTS, st.timezones())
def test_a_day_ends_after_now_and_within_two_days(now: datetime, zone: tzinfo) -> None:
    assert now < end_of_day(now, zone) <= now + timedelta(days=2)
