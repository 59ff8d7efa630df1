"""kill -9 of the worker process, again and again, while it delivers: nothing is lost, nothing is doubled.

The worker is a process of its own and dies by SIGKILL; the peer listens over HTTPS and is asked what it holds. In CI
a few kills show it; `make soak` runs the issue's 50 kills during 2,000 referrals (ROUTER_KILLS, ROUTER_REFERRALS).
"""

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from router.casework.intake.ndjson import take_batch
from router.casework.read import stats
from router.store.checkpoint import verify_audit
from router.store.recount import recounted
from router.store.schema.tables import cases
from router.world.story import HOME, NETHERLANDS
from schemas.states import CaseState, ReferralState
from tests.faults.everything import open_everything
from tests.faults.processes import claimants, claimed_by_another, node_file, start, step
from tests.neighbours import ANALYSTS, Neighbour, neighbourhood, report

pytestmark = pytest.mark.faults
KILLS = int(os.environ.get("ROUTER_KILLS", "8"))
REFERRALS = int(os.environ.get("ROUTER_REFERRALS", "200"))
#: Cases that are prepared side by side.
_AT_ONCE = 50
#: While workers die, the partner's pace makes the delivery last for all of the kills: a bundle in some seconds.
SLOW, FAST = {"per_second": 0.3, "burst": 1, "in_flight": 1}, {"per_second": 50.0, "burst": 10, "in_flight": 1}
#: Of so many deaths at least one must have fallen between a claim and its outcome, or the test showed nothing.
HIT_EVERY = 4
#: Seconds within which the worker must be through after the last kill; leases have to run out first, and what lost its
#: sender twice is sent one by one.
PATIENCE = 480
#: Every life of the worker starts an interpreter; the fifty of `make soak` take minutes.
LONG = 1200


@pytest.mark.timeout(LONG)
async def test_every_case_is_delivered_once_from_sqlite(tmp_path: Path) -> None:
    await _story(tmp_path, None)


@pytest.mark.timeout(LONG)
@pytest.mark.postgres
async def test_every_case_is_delivered_once_from_postgresql(tmp_path: Path, postgres_dsn: str) -> None:
    await _story(tmp_path, postgres_dsn)


async def _story(folder: Path, database: str | None) -> None:
    async with (
        neighbourhood(folder) as town,
        town.moving_in(NETHERLANDS) as dutch,
        town.moving_in(HOME, database=database, listens=False) as home,
    ):
        await town.introduce(pace=SLOW)
        await _fill(home)
        file = node_file(town, home, folder)
        killed, interrupted = await _kill_and_kill_again(home, file)
        assert killed == KILLS
        assert interrupted >= KILLS // HIT_EVERY
        await town.introduce(pace=FAST)
        await _finish(home, file)
        await _judge(home, dutch)


async def _fill(home: Neighbour) -> None:
    """Take the reports, and decide half of them: so deaths fall among tracing, deciding and sending alike."""
    lines = [report(f"http://pages.tulip.test/{n}", f"K-{n}").model_dump_json().encode() for n in range(REFERRALS)]
    for first in range(0, len(lines), 1000):
        answers = await take_batch(home.router.ctx, lines[first : first + 1000], ANALYSTS)
        assert all(answer.status == 202 for answer in answers)
    for state in (CaseState.RECEIVED, CaseState.LOCATED):
        due = await home.rows(select(cases).where(cases.c.state == state).limit(REFERRALS // 2))
        for first in range(0, len(due), _AT_ONCE):
            await asyncio.gather(*(step(home, row) for row in due[first : first + _AT_ONCE]))


async def _kill_and_kill_again(home: Neighbour, file: Path) -> tuple[int, int]:
    """Let workers live for a moment and kill them.

    Return how many died by the signal, and how many of them had claimed referrals of which nothing was recorded yet.
    """
    moments = random.Random(20261122)  # noqa: S311 - when to kill; the same in every run
    killed = 0
    interrupted: set[str] = set()
    for life in range(KILLS):
        worker = await start(file)
        if life % 2:
            await claimed_by_another(home, interrupted)
        await asyncio.sleep(moments.uniform(0.0, 0.1 if life % 2 else 0.9))
        worker.kill()
        killed += await worker.wait() == -signal.SIGKILL
        interrupted |= await claimants(home)
    return killed, len(interrupted)


async def _finish(home: Neighbour, file: Path) -> None:
    last = await start(file)
    try:
        await asyncio.wait_for(_all_accepted(home), PATIENCE)
    except TimeoutError:
        pytest.fail(f"not everything was delivered within {PATIENCE} s: {await stats.stats(home.router.ctx)}")
    finally:
        last.kill()
        await last.wait()


async def _all_accepted(home: Neighbour) -> None:
    while True:
        rows = await home.referrals()
        if len(rows) == REFERRALS and all(row["state"] == ReferralState.ACCEPTED for row in rows):
            return
        await asyncio.sleep(0.5)


async def _judge(home: Neighbour, dutch: Neighbour) -> None:
    """The peer's store is the judge of what arrived; ours must open and its chain must hold."""
    arrived = await dutch.inbox()
    assert len({row["origin_reference"] for row in arrived}) == len(arrived) == REFERRALS
    ours = {row["case_id"]: row for row in await home.referrals()}
    assert {row["origin_reference"] for row in arrived} == set(ours)
    assert len(await dutch.cases()) == REFERRALS
    for one in (home, dutch):
        assert await open_everything(one) > REFERRALS
        assert await recounted(one.router.store.rows) == {}
        _, findings = await verify_audit(one.router.store.rows, one.router.ctx.keyring)
        assert findings == []
