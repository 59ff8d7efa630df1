"""Turns: so many a second, urgent ones first, and nobody waits for one who has gone."""

import asyncio

import pytest

from router.partners.iccam.turns import Turns
from tests.partners.iccam.stage import START, WalkingClock


@pytest.mark.parametrize("rate", [0.5, 1, 7])
async def test_turns_come_at_their_rate(rate: float) -> None:
    clock = WalkingClock()
    turns, taken = Turns(rate, clock), []
    for _ in range(5):
        await turns.next()
        taken.append((clock.now() - START).total_seconds())
    assert taken == pytest.approx([index / rate for index in range(5)], abs=0.01)


async def test_together_they_get_no_more_than_one_alone() -> None:
    clock = WalkingClock()
    turns = Turns(2, clock)
    await asyncio.gather(*(turns.next() for _ in range(9)))
    assert (clock.now() - START).total_seconds() >= 4


async def test_who_is_urgent_goes_before_those_who_waited_longer() -> None:
    clock, order = WalkingClock(), []
    turns = Turns(1, clock)

    async def take(name: str, *, urgent: bool = False) -> None:
        await turns.next(urgent=urgent)
        order.append(name)

    await take("first")
    await asyncio.gather(take("second"), take("third"), take("urgent", urgent=True))
    assert order == ["first", "urgent", "second", "third"]


async def test_one_who_gives_up_holds_nobody_back() -> None:
    clock = WalkingClock()
    turns = Turns(1, clock)
    await turns.next()
    waiting = asyncio.create_task(turns.next(urgent=True))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert turns.wait <= 1
    await turns.next()
    assert (clock.now() - START).total_seconds() == pytest.approx(1, abs=0.05)


async def test_the_wait_that_is_told_counts_those_who_wait_already() -> None:
    turns = Turns(0.1, WalkingClock())
    assert turns.wait == 0
    await turns.next()
    waiting = [asyncio.create_task(turns.next()) for _ in range(2)]
    await asyncio.sleep(0)
    assert turns.wait == pytest.approx(30)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
