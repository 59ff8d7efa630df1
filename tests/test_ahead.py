"""The urgent one of those who wait has the next turn, and a turn that nobody takes any more goes on to the next."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from router.ahead import Turns, ahead, goes_ahead


def test_what_is_urgent_is_so_for_all_that_is_done_within() -> None:
    assert not goes_ahead()
    with ahead():
        assert goes_ahead()
        with ahead(urgent=False):
            assert not goes_ahead()
        assert goes_ahead()
    assert not goes_ahead()


async def test_a_task_that_is_begun_within_stays_urgent() -> None:
    async def tells() -> bool:
        await asyncio.sleep(0)
        return goes_ahead()

    with ahead():
        begun = asyncio.create_task(tells())
    assert await begun
    assert not await tells()


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12))
def test_turns_go_to_the_urgent_first_in_their_order_and_none_is_lost(waiting: list[tuple[bool, bool]]) -> None:
    """Of (urgent, gives up): whoever gives up has no turn, and each of the others has one."""
    asyncio.run(_taken(waiting))


async def _taken(waiting: list[tuple[bool, bool]]) -> None:
    turns, had, running, free = Turns(), list[int](), [0], asyncio.Event()

    async def first() -> None:
        async with turns:
            await free.wait()

    async def waits(number: int, *, urgent: bool) -> None:
        with ahead(urgent=urgent):
            async with turns:
                running[0] += 1
                assert running == [1]
                had.append(number)
                await asyncio.sleep(0)
                running[0] -= 1

    holder = asyncio.create_task(first())
    await asyncio.sleep(0)
    tasks = [asyncio.create_task(waits(n, urgent=urgent)) for n, (urgent, _) in enumerate(waiting)]
    await asyncio.sleep(0)
    for task, (_, gives_up) in zip(tasks, waiting, strict=True):
        if gives_up:
            task.cancel()
    free.set()
    await asyncio.gather(holder, *tasks, return_exceptions=True)
    stay = [n for n, (_, gives_up) in enumerate(waiting) if not gives_up]
    assert had == sorted(stay, key=lambda n: not waiting[n][0])
    async with asyncio.timeout(1), turns:  # it is free again
        pass


async def test_who_gives_up_at_the_moment_of_its_turn_gives_it_on() -> None:
    turns, had = Turns(), list[str]()

    async def waits(name: str) -> None:
        async with turns:
            had.append(name)

    async with turns:
        tasks = [asyncio.create_task(waits(name)) for name in ("one", "other")]
        await asyncio.sleep(0)
    tasks[0].cancel()  # the turn is its, and it has not run since
    await asyncio.gather(*tasks, return_exceptions=True)
    assert had == ["other"]
