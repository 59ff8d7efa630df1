"""Turns: so many a second, urgent ones first, and nobody waits for one who has gone."""

import asyncio

import pytest

from router.errors import NotSent, StoreUnavailable
from router.partners.budget import LocalBudget
from router.partners.iccam.turns import Turns
from tests.partners.iccam.stage import START, WalkingClock


def turns_at(rate: float, clock: WalkingClock, budget: LocalBudget | None = None) -> Turns:
    return Turns("iccam:push", rate, clock, budget or LocalBudget(clock))


@pytest.mark.parametrize("rate", [0.5, 1, 7])
async def test_turns_come_at_their_rate(rate: float) -> None:
    clock = WalkingClock()
    turns, taken = turns_at(rate, clock), []
    for _ in range(5):
        await turns.next()
        taken.append((clock.now() - START).total_seconds())
    assert taken == pytest.approx([index / rate for index in range(5)], abs=0.01)


async def test_together_they_get_no_more_than_one_alone() -> None:
    clock = WalkingClock()
    turns = turns_at(2, clock)
    await asyncio.gather(*(turns.next() for _ in range(9)))
    assert (clock.now() - START).total_seconds() == pytest.approx(4)


async def test_two_that_share_a_budget_get_no_more_than_one() -> None:
    clock = WalkingClock()
    budget = LocalBudget(clock)
    first, second = turns_at(1, clock, budget), turns_at(1, clock, budget)
    for _ in range(3):
        await first.next()
        await second.next()
    assert (clock.now() - START).total_seconds() == pytest.approx(5)


async def test_who_is_urgent_goes_before_those_who_waited_longer() -> None:
    clock = WalkingClock()
    turns, order = turns_at(1, clock), []

    async def take(name: str, *, urgent: bool = False) -> None:
        await turns.next(urgent=urgent)
        order.append(name)

    await take("zeroth")
    await asyncio.gather(take("first"), take("second"), take("third"), take("urgent", urgent=True))
    assert order == ["zeroth", "first", "urgent", "second", "third"]  # the first had its turn already


@pytest.mark.parametrize("given", [False, True], ids=["while waiting", "just when its turn came"])
async def test_one_who_gives_up_holds_nobody_back(given: bool) -> None:
    clock = WalkingClock()
    turns = turns_at(1, clock)
    holding = asyncio.create_task(turns.next())
    await asyncio.sleep(0)
    leaving, staying = asyncio.create_task(turns.next(urgent=True)), asyncio.create_task(turns.next())
    await asyncio.sleep(0)
    if given:
        await holding
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await asyncio.gather(holding, staying)
    assert leaving.cancelled()
    await turns.next()
    assert not turns._is_taken


async def test_who_waits_for_its_moment_and_gives_up_lets_the_next_one_in() -> None:
    class Standing(WalkingClock):
        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(30)

    clock = Standing()
    turns = turns_at(1, clock)
    await turns.next()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await turns.next()
    assert not turns._is_taken


async def test_the_wait_that_is_told_counts_those_who_wait_already() -> None:
    turns = turns_at(0.1, WalkingClock())
    assert turns.wait == pytest.approx(10)
    waiting = [asyncio.create_task(turns.next()) for _ in range(3)]
    await asyncio.sleep(0)
    assert turns.wait == pytest.approx(20)  # one has gone, one has its turn, and one waits
    await asyncio.gather(*waiting)


async def test_a_store_that_is_away_means_that_nothing_was_sent() -> None:
    class Away(LocalBudget):
        async def reserve(self, name: str, gap: float) -> float:
            raise StoreUnavailable

    turns = turns_at(1, WalkingClock(), Away(WalkingClock()))
    with pytest.raises(NotSent):
        await turns.next()
    assert not turns._is_taken
