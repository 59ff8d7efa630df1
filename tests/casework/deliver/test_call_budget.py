"""One row paces the calls of all processes, on both engines."""

import asyncio

import pytest

from router.casework.deliver.call_budget import SharedBudget
from router.clock import StoryClock
from router.errors import Conflict
from router.store.base import Transition
from router.store.schema.partners import call_budgets
from router.store.writer import Writer
from tests.casebook import Casebook
from tests.office import START


async def test_calls_are_a_gap_apart_and_budgets_are_apart_from_each_other(book: Casebook) -> None:
    budget = SharedBudget(book.ctx.store, book.clock)
    assert [await budget.reserve("iccam:push", 2) for _ in range(3)] == [0, 2, 4]
    assert await budget.reserve("iccam:pull", 2) == 0
    book.later(seconds=5)
    assert await budget.reserve("iccam:push", 2) == pytest.approx(1)
    book.later(hours=1)
    assert await budget.reserve("iccam:push", 2) == 0  # what nobody used is not saved up


async def test_many_processes_at_once_get_a_moment_each(book: Casebook) -> None:
    budgets = [SharedBudget(book.ctx.store, book.clock) for _ in range(6)]
    found = await asyncio.gather(*(budget.reserve("iccam:push", 1) for budget in budgets))
    assert sorted(found) == [0, 1, 2, 3, 4, 5]
    (row,) = await book.rows(call_budgets)
    assert row["name"] == "iccam:push"


async def test_one_whom_others_always_outrun_waits_a_gap(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    async def outrun(_store: Writer, _transition: Transition) -> None:
        raise Conflict

    budget = SharedBudget(book.ctx.store, StoryClock(START))
    monkeypatch.setattr(type(book.ctx.store), "commit", outrun)
    assert await budget.reserve("iccam:push", 3) == 3
