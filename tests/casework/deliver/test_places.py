"""The places of a partner: never more calls than it takes, and what is urgent has the next place."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from router.casework.deliver.places import Place, Places


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def _begun(places: Places, comers: list[bool]) -> list[int]:
    """Let calls come in this order (True: urgent), all before any ends; end them one by one as they began."""
    order: list[int] = []
    ends = [asyncio.Event() for _ in comers]

    async def call(number: int, place: Place) -> None:
        async with place():
            order.append(number)
            await ends[number].wait()

    tasks = []
    for number, urgent in enumerate(comers):
        tasks.append(asyncio.create_task(call(number, places.for_urgent if urgent else places.for_rest)))
        await _settled()
    for ended in range(len(comers)):
        assert len(order) == min(ended + places.count, len(comers))
        ends[order[ended]].set()
        await _settled()
    await asyncio.gather(*tasks)
    return order


@given(st.integers(1, 3), st.lists(st.booleans(), max_size=10))
def test_never_more_than_its_places_and_urgent_ones_pass_all_but_one(count: int, comers: list[bool]) -> None:
    order = asyncio.run(_begun(Places(count), comers))
    for urgent in (number for number, is_urgent in enumerate(comers) if is_urgent):
        before = order[: order.index(urgent)]
        waited_for = [one for one in before[count:] if not comers[one]]  # those that had a place when it came aside
        assert len(waited_for) <= 1


async def test_who_gives_up_takes_no_place() -> None:
    places = Places(1)

    async def call(place: Place) -> None:
        async with place():
            await asyncio.sleep(0)

    async with places.for_rest():
        waiting = [asyncio.create_task(call(place)) for place in (places.for_rest, places.for_urgent, places.for_rest)]
        await _settled()
        for one in waiting[:2]:
            one.cancel()
        await _settled()
    await asyncio.wait_for(waiting[2], 60)
