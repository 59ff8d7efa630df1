"""Many callers, one piece of work: while a group is worked on, the next one gathers."""

import asyncio
from collections.abc import Sequence

import pytest

from router.store.coalesce import Coalescer


class Doubler:
    """Doubles what it is given, when told to go on, and keeps what came at once."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.go = asyncio.Event()

    async def __call__(self, given: Sequence[int]) -> list[int]:
        self.groups.append(list(given))
        await self.go.wait()
        if 13 in given:
            raise ValueError
        return [2 * one for one in given]


async def test_alone_nobody_waits_for_company() -> None:
    work = Doubler()
    work.go.set()
    assert list(await Coalescer(work)([1, 2])) == [2, 4]


async def test_what_comes_while_a_group_is_worked_on_is_the_next_group_and_each_gets_its_own() -> None:
    work = Doubler()
    together = Coalescer(work)
    first = asyncio.create_task(together([1]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(together(given)) for given in ([2, 3], [], [4])]
    await asyncio.sleep(0)
    work.go.set()
    assert [list(one) for one in await asyncio.gather(first, *others)] == [[2], [4, 6], [], [8]]
    assert work.groups == [[1], [2, 3, 4]]


async def test_an_error_is_the_answer_of_its_group_alone() -> None:
    work = Doubler()
    work.go.set()
    together = Coalescer(work)
    with pytest.raises(ValueError):
        await together([13])
    assert list(await together([5])) == [10]


async def test_a_caller_that_gave_up_takes_no_other_down() -> None:
    work = Doubler()
    together = Coalescer(work)
    leaving, staying = asyncio.create_task(together([1])), asyncio.create_task(together([2]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    leaving.cancel()
    work.go.set()
    assert list(await staying) == [4]
    assert work.groups == [[1, 2]]
