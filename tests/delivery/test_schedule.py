from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.delivery.schedule import JITTER, STEPS, next_at
from router.guard.retry_after import LONGEST_WAIT

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

attempts = st.integers(0, len(STEPS) - 1)
wishes = st.none() | st.floats(-10, 10**9)
seeds = st.text(max_size=36)


def wait(made: int, wish: float | None = None, seed: str = "a") -> float:
    then = next_at(made, wish, seed, NOW)
    assert then is not None
    return (then - NOW).total_seconds()


def test_the_first_attempt_is_at_once_and_the_last_a_day_later() -> None:
    assert wait(0) == 0
    assert [STEPS[n] for n in (1, 2, 3, 10)] == [5, 30, 300, 86_400]


def test_the_whole_schedule_lasts_about_four_days() -> None:
    assert timedelta(days=3) < timedelta(seconds=sum(STEPS)) < timedelta(days=4)


@given(st.integers(len(STEPS), 1000), wishes, seeds)
def test_after_the_last_it_is_for_people(made: int, wish: float | None, seed: str) -> None:
    assert next_at(made, wish, seed, NOW) is None


@given(attempts, wishes, seeds)
def test_a_wish_to_wait_is_never_undercut(made: int, wish: float | None, seed: str) -> None:
    assert wait(made, wish, seed) >= min(wish or 0, LONGEST_WAIT) - 1e-6


@given(attempts, wishes, seeds)
def test_a_wish_to_come_soon_does_not_shorten_our_own_wait(made: int, wish: float | None, seed: str) -> None:
    assert wait(made, wish, seed) >= wait(made, None, seed)


@given(attempts, wishes, seeds)
def test_nothing_sleeps_longer_than_a_day(made: int, wish: float | None, seed: str) -> None:
    assert 0 <= wait(made, wish, seed) <= LONGEST_WAIT


@given(attempts, seeds)
def test_each_step_is_jittered_by_a_fifth_at_most(made: int, seed: str) -> None:
    assert STEPS[made] * (1 - JITTER) - 1e-6 <= wait(made, None, seed) <= STEPS[made] * (1 + JITTER) + 1e-6


@given(attempts, wishes, seeds)
def test_every_process_gives_the_same_answer(made: int, wish: float | None, seed: str) -> None:
    assert next_at(made, wish, seed, NOW) == next_at(made, wish, seed, NOW)


def test_what_failed_together_does_not_return_together() -> None:
    waits = [wait(3, None, f"referral-{n}") for n in range(1000)]
    assert len(set(waits)) == 1000
    assert min(waits) < STEPS[3] * 0.85
    assert max(waits) > STEPS[3] * 1.15
    assert sum(waits) / 1000 == pytest.approx(STEPS[3], rel=0.02)


def test_those_who_were_asked_to_wait_do_not_return_together_either() -> None:
    assert len({wait(1, 60.0, f"referral-{n}") for n in range(100)}) == 100


def test_the_last_wait_of_a_day_is_spread_too() -> None:
    assert len({wait(10, None, f"referral-{n}") for n in range(100)}) == 100


def test_the_steps_are_those_that_partners_were_told() -> None:
    """Standard Webhooks 1.0.0 from 5 s to 24 h, with 30 s for hiccups; four days and an hour in all."""
    hours = 3600
    assert (0, 5, 30, 300, 1800, 2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours) == STEPS
