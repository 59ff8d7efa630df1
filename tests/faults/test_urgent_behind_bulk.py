"""What is urgent waits for no turn, no batch and no place of what is not, on either engine; and the pace is kept."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from router.casework.deliver.places import Places
from router.store.base import Change, Row, Transition
from router.store.engine import Outcome
from router.store.schema.tables import cases, referrals
from router.store.writer import Writer
from router.worker import moving
from router.worker.due import next_by_line
from router.worker.loop import Worker
from router.worker.sending import Sending
from schemas.locator import Locator
from schemas.partner import Pace
from schemas.states import CaseState
from schemas.trace import Trace
from tests.casebook import Casebook, casebook, partner
from tests.worker.test_sending import several, states

CALLS = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    return request.getfixturevalue("postgres_dsn") if request.param == "postgresql" else None


@pytest.fixture
async def either(tmp_path: Path, url: str | None) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path, url=url) as opened:
        yield opened


async def at_risk(book: Casebook, start: int, rank: int = 0) -> str:
    (case_id,) = await several(book, 1, start)
    await book.ctx.store.commit(Transition(1, [Change(referrals, {"case_id": case_id}, {"rank": rank})]))
    return case_id


@pytest.mark.parametrize("rank", [0, 1])
async def test_it_leaves_alone_and_next_while_a_long_turn_is_under_way(
    either: Casebook, monkeypatch: pytest.MonkeyPatch, rank: int
) -> None:
    """One place, and a turn of so many calls: the call that is under way ends, and then comes the urgent one."""
    book, sending = either, Sending(either.ctx)
    book.partners(partner("hotline-nl", "NL", pace=Pace(per_second=1e6, burst=1000, in_flight=1)))
    ordinary = await several(book, CALLS * book.partner.bundle)
    sending._rounds = dict.fromkeys(await next_by_line(book.ctx.store), CALLS)
    free, begun, at_the_door = asyncio.Event(), asyncio.Event(), asyncio.Event()
    for_urgent = Places.for_urgent

    def knocks(places: Places) -> AbstractAsyncContextManager[None]:
        at_the_door.set()
        return for_urgent(places)

    monkeypatch.setattr(Places, "for_urgent", knocks)

    async def the_first_takes_long() -> None:
        if len(book.partner.calls) == 1:
            begun.set()
            await free.wait()

    book.partner.meanwhile = the_first_takes_long
    turn = asyncio.create_task(sending.turn())
    await asyncio.wait_for(begun.wait(), 20)
    urgent = await at_risk(book, 50, rank)
    name = (await book.referral(urgent))["id"]
    await sending.start(await next_by_line(book.ctx.store))
    await asyncio.wait_for(at_the_door.wait(), 20)  # it comes to its call while the other one lasts
    await asyncio.sleep(0)
    free.set()
    await turn
    await sending.finish()
    sent = [[one.referral_id for one in call] for call in book.partner.calls]
    assert [name] in sent[1:3]  # behind one that waited for the place before it, at most
    assert len(sent) == CALLS + 1
    assert await states(book, [urgent, *ordinary]) == ["accepted"] * (len(ordinary) + 1)


async def test_with_one_call_left_it_is_the_urgent_ones(either: Casebook) -> None:
    book = either
    book.partners(partner("hotline-nl", "NL", pace=Pace(per_second=0.001, burst=1)))
    ordinary, urgent = await several(book, 3), await at_risk(book, 50)
    for _ in range(3):
        await Sending(book.ctx).turn()
    assert await states(book, [urgent, *ordinary]) == ["accepted", *["waiting"] * 3]


BULK = 8


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of a line are claimed at once, and no more while more than two are at hand."""
    monkeypatch.setattr(moving, "_CASES", 2)
    monkeypatch.setattr(moving, "AT_HAND", 2)


@asynccontextmanager
async def working(book: Casebook) -> AsyncIterator[Worker]:
    """A worker that works, until the block ends."""
    worker = Worker(book.ctx)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        book.ctx.store.wake()
        await asyncio.wait_for(running, 60)


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await true():  # noqa: ASYNC110 - another process's commit sets no event of ours
            await asyncio.sleep(0.01)


async def is_on_desk(book: Casebook, case_id: str) -> bool:
    return bool((await book.case(case_id))["state"] == CaseState.DESK)


async def received(book: Casebook) -> list[Row]:
    return await book.rows(cases, cases.c.state == CaseState.RECEIVED)


async def reports(book: Casebook) -> None:
    """Reports that are all still to be located."""
    for number in range(BULK):
        await book.take(f"https://bulk{number}.test/", f"r-{number}")


@pytest.mark.usefixtures("few_at_once")
async def test_it_is_decided_while_the_names_of_the_rest_are_waited_for(
    either: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as are worked on at once wait for name servers that are silent; not one of them has to end before it."""
    book, free = either, asyncio.Event()
    monkeypatch.setattr(moving, "_AT_ONCE", 4)
    trace = book.world.trace

    async def slowly(locator: Locator, **how: Any) -> Trace:
        if "bulk" in str(locator.host):
            asked.append(locator)
            await free.wait()
        return await trace(locator, **how)

    asked: list[Locator] = []
    await reports(book)
    monkeypatch.setattr(book.world, "trace", slowly)

    async def as_many_as_may() -> bool:
        return len(asked) == 4

    async with working(book):
        await eventually(as_many_as_may)
        urgent = await book.take("https://urgent.test/", "r-urgent", urgency="imminent_risk")
        await eventually(lambda: is_on_desk(book, urgent))
        assert len(asked) == 4, "none of the rest had ended"
        free.set()


@pytest.mark.usefixtures("few_at_once")
async def test_it_is_committed_next_and_alone_and_the_rest_is_not_claimed_ahead(
    either: Casebook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str | None
) -> None:
    """The commit of a batch takes long: behind it comes the urgent one, before all that waits, and no rest piled up."""
    book, held, free, groups = either, asyncio.Event(), asyncio.Event(), list[set[str]]()
    await reports(book)
    writer = book.ctx.store._store
    assert isinstance(writer, Writer)
    apply = writer._engine.apply

    async def slowly(group: Sequence[Transition]) -> list[Outcome]:
        moved = {change.key["id"] for one in group for change in one.changes if change.table is cases}
        if moved:
            groups.append(moved)
            held.set()
            await free.wait()
        return await apply(group)

    monkeypatch.setattr(writer._engine, "apply", slowly)
    async with working(book):
        await asyncio.wait_for(held.wait(), 60)
        async with casebook(tmp_path, url=url) as elsewhere:  # another process takes it
            urgent = await elsewhere.take("https://urgent.test/", "r-urgent", urgency="imminent_risk")

        async def it_waits() -> bool:
            return bool(writer._urgent)

        await eventually(it_waits)
        claimed = [row for row in await received(book) if row["claims"] and row["id"] != urgent]
        assert len(claimed) <= 2 + 2
        free.set()
        await eventually(lambda: is_on_desk(book, urgent))
    assert groups[1] == {urgent}
