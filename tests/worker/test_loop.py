"""The loops: what is due is done once, a broken case stays alone, and stopping finishes what is under way."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from math import inf
from typing import Any
from unittest.mock import AsyncMock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import CannotStart, EvidenceUnavailable, StoreUnavailable
from router.store.base import Change, Transition
from router.store.schema.tables import cases, checkpoints
from router.worker import due, loop
from router.worker.loop import Worker
from router.worker.restoring import Restoring
from schemas.casefile import DeskCode
from schemas.locator import Locator
from schemas.states import CaseState
from schemas.trace import Trace
from tests.casebook import Casebook, World


class Breaks(World):
    """A tracer with a fault of ours for one host."""

    async def trace(self, locator: Locator, **more: Any) -> Trace:
        if locator.host == "poison.test":
            raise ZeroDivisionError
        return await super().trace(locator, **more)


class Away(World):
    async def trace(self, locator: Locator, **more: object) -> Trace:
        raise EvidenceUnavailable


async def test_turn_by_turn_a_report_reaches_its_partner(book: Casebook) -> None:
    case_id = await book.take()
    worker = Worker(book.ctx)
    assert [await worker.turn() for _ in range(2)] == [2, 0]
    assert (await book.case(case_id))["state"] == CaseState.REFERRED
    assert len(book.partner.calls) == 1


async def test_what_waits_for_later_is_left_alone(book: Casebook) -> None:
    case_id = await book.accepted()
    before = await book.case(case_id)
    assert await Worker(book.ctx).turn() == 0
    assert await book.case(case_id) == before


async def test_a_broken_case_takes_no_other_down(book: Casebook) -> None:
    poison = await book.take("https://poison.test/", "r-1")
    fine = await book.take("https://fine.test/", "r-2")
    await Worker(replace(book.ctx, tracer=Breaks(book.clock))).turn()
    assert (await book.case(fine))["state"] == CaseState.REFERRED
    assert (await book.case(poison))["state"] == CaseState.RECEIVED


async def test_suspects_run_one_after_another_beside_the_others(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_PROBATION", 1000.0)  # over when this test says so
    ids = [await book.take(f"https://{n}.test/", f"r-{n}") for n in range(4)]
    suspected = [Change(cases, {"id": case_id}, {"claims": 3}) for case_id in ids[:3]]
    await book.ctx.store.commit(Transition(1, tuple(suspected)))
    worker = Worker(book.ctx)
    running = asyncio.create_task(worker.run())
    await until(lambda: arrived(book, ids[3]))
    suspects = await book.rows(cases, cases.c.id.in_(ids[:3]))
    assert {row["claims"] for row in suspects} == {3}  # what ends a worker that has just begun is not their doing
    worker.sending.suspects_from = 0.0
    await until(lambda: all_arrived(book, ids))
    worker.stop()
    await asyncio.wait_for(running, 60)


@pytest.mark.parametrize("tracer", [Breaks, Away])
async def test_what_fails_again_and_again_ends_with_people(book: Casebook, tracer: type[World]) -> None:
    case_id = await book.take("https://poison.test/", "r-1")
    worker = Worker(replace(book.ctx, tracer=tracer(book.clock)))
    for _ in range(5):
        await worker.turn()
        book.later(minutes=5)
        let_go = Change(cases, {"id": case_id}, {"claimed_until": 0})  # the lease, which is of the machine's own time
        await book.ctx.store.commit(Transition(1, (let_go,)))
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"], case["next_at"]) == (CaseState.DESK, DeskCode.BROKEN, None)


async def test_running_it_works_until_it_is_stopped_and_signs_the_chain(book: Casebook) -> None:
    worker = Worker(book.ctx)
    running = asyncio.create_task(worker.run())
    case_id = await book.take()
    await until(lambda: arrived(book, case_id))
    worker.stop()
    await asyncio.wait_for(running, 60)
    assert (await book.case(case_id))["state"] == CaseState.REFERRED
    assert len(await book.rows(checkpoints)) == 1


async def test_stopped_it_finishes_the_attempt_under_way(book: Casebook) -> None:
    case_id = await book.decided()
    begun, go = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        begun.set()
        await go.wait()

    book.partner.meanwhile = slowly
    worker = Worker(book.ctx)
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(begun.wait(), 60)
    worker.stop()
    go.set()
    await asyncio.wait_for(running, 60)
    assert (await book.referral(case_id))["state"] == "accepted"


async def test_what_comes_while_its_partner_is_busy_waits_for_no_timer(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last commit of a turn is seen before the turn is over: whoever looks then passes over what waits."""
    monkeypatch.setattr(due, "IDLE", 1000.0)
    first, begun, over = await book.decided(reference="r-1"), asyncio.Event(), asyncio.Event()

    async def to_its_end(*_: object) -> None:
        begun.set()
        await over.wait()

    monkeypatch.setattr("router.worker.sending.heard", to_its_end)
    worker = Worker(book.ctx)
    worker._reminded = book.ctx.now()
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(begun.wait(), 60)
    second = await book.take("https://b.test/", "r-2")
    await until(lambda: waits(book, second))
    await asyncio.sleep(0.3)  # that commit is seen, and nothing can be done about it
    over.set()
    await until(lambda: all_arrived(book, [first, second]))
    worker.stop()
    book.ctx.store.wake()
    await asyncio.wait_for(running, 60)


async def test_a_store_that_is_away_is_waited_for(book: Casebook) -> None:
    worker, tries = Worker(book.ctx), []

    async def act() -> float:
        tries.append(1)
        raise StoreUnavailable

    looping = asyncio.create_task(worker._loop(act))
    await until(lambda: bool_of(tries))
    worker.stop()
    await asyncio.wait_for(looping, 1)
    assert len(tries) == 1


async def test_what_nobody_foresaw_is_logged_and_the_loop_goes_on(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_AWAY", 0.01)
    worker, tries = Worker(book.ctx), []

    async def act() -> float:
        tries.append(1)
        raise KeyError

    looping = asyncio.create_task(worker._loop(act))
    await until(lambda: bool_of(tries[1:]))
    worker.stop()
    await asyncio.wait_for(looping, 1)


async def test_what_nobody_foresaw_before_a_release_ends_no_worker(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it ended, so would `serve` with it, and nobody could release the router by its console."""
    monkeypatch.setattr(loop, "_AWAY", 0.01)
    monkeypatch.setattr(loop, "paused", AsyncMock(return_value=object()))
    broken = AsyncMock(side_effect=KeyError)
    monkeypatch.setattr(Restoring, "turn", broken)
    worker = Worker(book.ctx)
    running = asyncio.create_task(worker.run())
    await until(lambda: bool_of(broken.mock_calls[1:]))
    worker.stop()
    await asyncio.wait_for(running, 60)


async def test_a_newer_schema_ends_it_with_a_sentence(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(book.ctx)

    async def newer(*_: object) -> None:
        raise CannotStart("The database's schema is newer than this program.")

    monkeypatch.setattr(type(book.ctx.store), "claim", newer)
    await book.take()
    with pytest.raises(CannotStart, match="newer"):
        await asyncio.wait_for(worker.run(), 60)


async def test_a_step_that_hangs_ends_before_its_lease(book: Casebook) -> None:
    """Another worker claims the case when the lease ends; it must not run twice, nor keep this one from stopping."""
    await book.take()
    begun = asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    book.world.meanwhile = hang
    worker = Worker(replace(book.ctx, call_seconds=0.02))
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(begun.wait(), 60)
    worker.stop()
    await asyncio.wait_for(running, 60)


async def all_arrived(book: Casebook, ids: list[str]) -> bool:
    return all([await arrived(book, case_id) for case_id in ids])


async def arrived(book: Casebook, case_id: str) -> bool:
    return [row["state"] for row in await book.referrals(case_id)] == ["accepted"]


async def waits(book: Casebook, case_id: str) -> bool:
    return [row["state"] for row in await book.referrals(case_id)] == ["waiting"]


async def bool_of(found: Sequence[object]) -> bool:
    return bool(found)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


def looked_at(asked: list[float], apart: float) -> list[float]:
    """When a loop looks that is asked to at these moments."""
    looks, found = deque([-inf] * loop._AT_A_TIME, maxlen=loop._AT_A_TIME), list[float]()
    for at in asked:
        if not found or at > found[-1]:  # else the look that is waited for sees it
            found.append(max(at, loop._next_look(looks, apart)))
            looks.append(found[-1])
    return found


def test_one_that_was_idle_looks_at_once_at_each_step_of_what_came() -> None:
    assert looked_at([5.0, 5.001, 5.002, 5.003], 0.01) == [5.0, 5.001, 5.002, 5.003]


@given(st.lists(st.integers(0, 200), min_size=1, max_size=200).map(lambda gaps: [gap / 1000 for gap in gaps]))
def test_no_look_waits_longer_than_one_rest_and_many_are_no_denser_than_that(gaps: list[float]) -> None:
    asked = list(accumulate(gaps))
    found, apart = looked_at(asked, 0.01), 0.01
    assert all(any(at <= one <= at + apart + 1e-9 for one in found) for at in asked)
    for first, later in zip(found, found[loop._AT_A_TIME :], strict=False):
        assert later - first >= apart - 1e-9
    assert len(found) <= (asked[-1] - asked[0]) / apart + loop._AT_A_TIME + 1
