"""A budget of this process alone: the same promise as the one that all processes share."""

import pytest

from router.partners.budget import LocalBudget
from tests.partners.iccam.stage import WalkingClock


async def test_calls_are_a_gap_apart_and_budgets_are_apart_from_each_other() -> None:
    clock = WalkingClock()
    budget = LocalBudget(clock)
    assert [await budget.reserve("hub:push", 2) for _ in range(3)] == [0, 2, 4]
    assert await budget.reserve("hub:pull", 2) == 0
    await clock.sleep(5)
    assert await budget.reserve("hub:push", 2) == pytest.approx(1)
    await clock.sleep(60)
    assert await budget.reserve("hub:push", 2) == 0  # what nobody used is not saved up
