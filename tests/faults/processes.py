"""Worker processes beside a router in the test: started on its store, and watched through it.

An interpreter that imports the product takes two seconds of a processor, and the tests kill some eighty workers. So one
process has imported it and does nothing else, and each worker is forked from that: a process of its own, which opens
everything itself.
"""

import asyncio
import json
import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import select

from router.store.base import Row
from router.store.schema.tables import referrals
from router.worker.steps import advance
from schemas.states import ReferralState
from tests.neighbours import Neighbour, Neighbourhood

_CLAIMED = select(referrals.c.claimed_by).where(referrals.c.state == ReferralState.SENDING).distinct()


#: Seconds that a worker gets to claim something where a test waits for that, and between two looks.
_TO_CLAIM, _LOOK = 5.0, 0.005
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.node"])


class Worker:
    """A worker's process, to be killed; none outlives the test process."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    def kill(self) -> None:
        """End it by SIGKILL, unless it has ended."""
        self._process.kill()

    async def wait(self) -> int:
        """Wait until it has ended; return its status, below 0 for the signal that it died by."""
        await _readable(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode


def node_file(
    town: Neighbourhood, home: Neighbour, folder: Path, call_seconds: float = 3.0, *, look: int | None = None
) -> Path:
    """Write down what a worker process of this router needs; `look` is its time between two looks at what is overdue.

    `call_seconds` and `look` are in seconds.
    """
    settings = home.router.settings.model_dump(mode="json", exclude_none=True) | {"call_seconds": call_seconds}
    # One time for all: a worker whose clock started anew would sign what its peer takes for stale.
    ahead = town.clock.ahead.total_seconds()
    placed = {"settings": settings, "ports": town.ports, "ahead": ahead, "look": look}
    file = folder / "node.json"
    file.write_text(json.dumps(placed), encoding="utf-8")
    return file


async def start(file: Path) -> Worker:
    """Start a worker process; it works when this returns."""
    from tests.faults.node import live

    told, tells = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=live, args=(file, tells), daemon=True)
    with told, tells:
        await asyncio.to_thread(process.start)
        tells.close()
        await _readable(told.fileno())
        assert _is_told(told), "the worker ended before it began"
    return Worker(process)


def _is_told(told: Connection) -> bool:
    try:
        told.recv_bytes()
    except EOFError:
        return False
    return True


async def _readable(file: int) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(file, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(file)


async def claimants(home: Neighbour) -> set[str]:
    """Return who has claimed referrals of which nothing was recorded yet."""
    return {row["claimed_by"] for row in await home.rows(_CLAIMED)}


async def claimed_by_another(home: Neighbour, known: set[str]) -> None:
    """Wait until a worker that is not among the known has claimed a referral, or all may be delivered already."""
    for _ in range(round(_TO_CLAIM / _LOOK)):
        if await claimants(home) - known:
            return
        await asyncio.sleep(_LOOK)


async def step(home: Neighbour, row: Row) -> None:
    """Run one step of a case here, as a worker would."""
    await advance(home.router.ctx, row)
