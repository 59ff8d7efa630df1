"""Worker processes beside a router in the test: started on its store, and watched through it."""

import asyncio
import json
import sys
from pathlib import Path

from sqlalchemy import select

from router.store.base import Row
from router.store.schema.tables import referrals
from router.worker.steps import advance
from schemas.states import ReferralState
from tests.neighbours import Neighbour, Neighbourhood

_CLAIMED = select(referrals.c.claimed_by).where(referrals.c.state == ReferralState.SENDING).distinct()


def node_file(town: Neighbourhood, home: Neighbour, folder: Path, call_seconds: float = 3.0) -> Path:
    """Write down what a worker process of this router needs."""
    settings = home.router.settings.model_dump(mode="json", exclude_none=True) | {"call_seconds": call_seconds}
    # One time for all: a worker whose clock started anew would sign what its peer takes for stale.
    placed = {"settings": settings, "ports": town.ports, "ahead": town.clock.ahead.total_seconds()}
    file = folder / "node.json"
    file.write_text(json.dumps(placed), encoding="utf-8")
    return file


async def start(file: Path) -> asyncio.subprocess.Process:
    """Start a worker process; it works when this returns."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.node", str(file), stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    while (line := await worker.stdout.readline()) != b"working\n":
        assert line, "the worker ended before it began"
    return worker


async def claimants(home: Neighbour) -> set[str]:
    """Return who has claimed referrals of which nothing was recorded yet."""
    return {row["claimed_by"] for row in await home.rows(_CLAIMED)}


async def step(home: Neighbour, row: Row) -> None:
    """Run one step of a case here, as a worker would."""
    await advance(home.router.ctx, row)
