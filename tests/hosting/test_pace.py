"""Token bucket and breaker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.pace import Pace


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_burst_and_then_the_average(time: Time) -> None:
    pace = Pace(0.5, 3, time)
    assert [pace.may_ask() for _ in range(5)] == [True, True, True, False, False]
    time.now += 2
    assert [pace.may_ask() for _ in range(2)] == [True, False]
    time.now += 3600
    assert [pace.may_ask() for _ in range(5)] == [True, True, True, False, False]


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_the_average_and_one_burst(steps: list[float]) -> None:
    time = Time()
    pace = Pace(0.2, 4, time)
    asked = 0
    for step in steps:
        time.now += step
        asked += pace.may_ask()
    assert asked <= 4 + 0.2 * sum(steps) + 1e-6


def test_everybody_who_waits_is_told_a_turn_of_its_own(time: Time) -> None:
    pace = Pace(0.5, 1, time)
    assert pace.may_ask()
    assert [pace.turn() for _ in range(3)] == [2, 4, 6]
    time.now += 2
    assert pace.may_ask()
    assert pace.turn() == 6, "those of 2 and 4 more seconds are told"
    time.now += 100
    assert pace.turn() == 0, "old ones are over"


def test_a_turn_comes_after_the_pause_that_was_asked_for(time: Time) -> None:
    pace = Pace(1, 5, time)
    assert not pace.is_closed
    pace.wait(60)
    assert (pace.is_closed, pace.turn(), pace.turn()) == (True, 60, 61)
    time.now += 60
    assert not pace.is_closed


@pytest.mark.parametrize(("told", "pause"), [(120, 120), (None, 300), (0, 1), (1e9, 86_400)])
def test_enough_is_enough_for_as_long_as_told(time: Time, told: float | None, pause: float) -> None:
    pace = Pace(1000, 1000, time)
    pace.wait(told)
    time.now += pause - 0.5
    assert not pace.may_ask()
    time.now += 1
    assert pace.may_ask()


def test_a_shorter_pause_does_not_end_a_longer_one(time: Time) -> None:
    pace = Pace(1000, 1000, time)
    pace.wait(100)
    pace.wait(1)
    time.now += 50
    assert not pace.may_ask()


def test_five_failures_in_a_row_open_the_breaker(time: Time) -> None:
    pace = Pace(1000, 1000, time)
    for _ in range(4):
        pace.failed()
    pace.answered()
    for _ in range(4):
        pace.failed()
    assert pace.may_ask()
    pace.failed()
    assert not pace.may_ask()


def test_a_clock_that_goes_back_gives_nothing(time: Time) -> None:
    pace = Pace(1, 1, time)
    assert pace.may_ask()
    time.now -= 500
    assert not pace.may_ask()
