"""The story's clock runs, jumps, and wakes who sleeps."""

import asyncio
from datetime import timedelta

import pytest

from router.world.clock import JumpingClock
from router.world.story import START

FIVE_DAYS = timedelta(days=5)


def test_it_starts_with_the_story_and_runs() -> None:
    clock = JumpingClock()
    first = clock.now()
    assert timedelta() <= first - START < timedelta(seconds=5)
    assert clock.now() >= first


def test_it_jumps() -> None:
    clock = JumpingClock()
    before = clock.now()
    clock.advance(FIVE_DAYS)
    assert FIVE_DAYS <= clock.now() - before < FIVE_DAYS + timedelta(seconds=60)


def test_it_never_goes_back() -> None:
    clock = JumpingClock()
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(seconds=-1))


async def test_a_sleep_ends_by_itself() -> None:
    clock = JumpingClock()
    before = clock.now()
    await clock.sleep(0.03)
    assert clock.now() - before >= timedelta(seconds=0.03)


async def test_a_jump_wakes_who_is_due_and_nobody_else() -> None:
    clock = JumpingClock()
    due = asyncio.create_task(clock.sleep(3600))
    later = asyncio.create_task(clock.sleep(timedelta(days=30).total_seconds()))
    await asyncio.sleep(0)
    clock.advance(FIVE_DAYS)
    await asyncio.wait_for(due, timeout=1)
    assert not later.done()
    clock.advance(timedelta(days=26))
    await asyncio.wait_for(later, timeout=1)


async def test_no_sleep_at_all_returns_at_once() -> None:
    await asyncio.wait_for(JumpingClock().sleep(0), timeout=1)
