"""The loop: it works until stopped, waits without spinning, and sets aside what it fails on again and again."""

import asyncio
import time
from pathlib import Path

import pytest

from router.casework import intake
from router.store.base import Change, Transition
from router.store.tables import cases
from router.worker import loop
from router.worker.loop import Worker
from router.world.story import HOME, NETHERLANDS
from schemas.states import CaseState
from tests.neighbours import ANALYSTS, neighbourhood, report


async def test_it_delivers_by_itself_and_stops_when_told(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME) as home, town.moving_in(NETHERLANDS) as dutch:
        await town.introduce()
        worker = home.router.worker()
        running = asyncio.create_task(worker.run())
        await intake.take(home.router.ctx, report("http://pages.tulip.test/1", "N-1"), ANALYSTS)
        async with asyncio.timeout(20):
            while not await dutch.inbox():  # noqa: ASYNC110 - the peer's store has no event to wait for
                await asyncio.sleep(0.02)
        worker.stop()
        async with asyncio.timeout(25):
            await running


async def test_an_idle_worker_does_not_spin(tmp_path: Path) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME, listens=False) as home:
        worker = home.router.worker()
        looks = 0
        real = loop.look

        async def counted(store: object) -> object:
            nonlocal looks
            looks += 1
            return await real(store)  # type: ignore[arg-type] # passed through

        loop.look = counted  # type: ignore[assignment] # counts, and asks the real one
        try:
            await intake.take(home.router.ctx, report("http://short.dunes.test/1", "N-1"), ANALYSTS)
            await worker.turn()
            running = asyncio.create_task(worker.run())
            await asyncio.sleep(1)
            looks, used = 0, time.process_time()
            await asyncio.sleep(2)
            assert looks <= 12
            assert time.process_time() - used < 1
        finally:
            loop.look = real
        worker.stop()
        await running


@pytest.mark.parametrize("claims", [0, 4])
async def test_a_case_that_breaks_its_step_ends_on_the_desk(tmp_path: Path, claims: int) -> None:
    async with neighbourhood(tmp_path) as town, town.moving_in(HOME, listens=False) as home:
        taken = await intake.take(home.router.ctx, report("http://pages.tulip.test/1", "N-1"), ANALYSTS)
        (row,) = await home.cases()
        broken = {"sealed": b"not what we sealed", "claims": claims}
        await home.router.store.commit(
            Transition(1, (Change(cases, {"id": row["id"]}, broken, row["version"], keep_claim=True),))
        )
        await Worker(home.router.ctx).turn()
        (row,) = await home.cases()
        assert row["id"] == taken.items[0].case
        if claims:
            assert (row["state"], row["desk_code"]) == (CaseState.DESK, "broken")
        else:
            assert (row["state"], row["claims"]) == (CaseState.RECEIVED, 1)
