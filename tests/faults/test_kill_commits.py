"""kill -9 of the worker process at its n-th commit, before it or right after it, in a work of several steps.

Other tests kill at any moment; this one kills where the store's word and the wire's part: nothing else can tell a
commit that was lost from one whose answer was. CI takes the first commits of a life; ROUTER_COMMITS takes more.
"""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from router.store.recount import recounted
from tests.faults.processes import node_file, start
from tests.faults.test_kill_hub import (
    AT_ONCE,
    JUMP,
    MODES,
    TOGETHER,
    Place,
    finish,
    let_go,
    place,
    through_the_hub,
)
from tests.neighbours import pin

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]
COMMITS = int(os.environ.get("ROUTER_COMMITS", "2"))
#: Lives of a worker for each case, each ended at the same commit of its own; then the work is finished here.
LIVES = 2
#: Seconds after which a worker that has not so much to commit is ended all the same.
IDLE = 2.0


async def test_every_case_is_handed_over_once_whichever_commit_is_the_last_on_sqlite(tmp_path: Path) -> None:
    async with place(tmp_path, None) as one:
        await story(one, "sqlite")


@pytest.mark.postgres
async def test_every_case_is_handed_over_once_whichever_commit_is_the_last_on_postgresql(
    tmp_path: Path, postgres_dsn: str
) -> None:
    async with place(tmp_path, postgres_dsn) as one:
        await story(one, "postgresql")


async def story(one: Place, engine: str) -> None:
    reached, referrals = list[int](), COMMITS * sum(TOGETHER.values())
    for number in range(1, COMMITS + 1):
        for after in (False, True):
            one.mode = MODES[(number + after) % len(MODES)]  # each way, before some commits and after others
            await pin(one.home.router, [through_the_hub(AT_ONCE, one.mode)])
            await one.take(f"D-{number}-{after}")
            await one.decide()
            for _ in range(LIVES):
                reached += [number] if await _live_until(one, number, after=after) else []
                await let_go(one.home)
                one.town.clock.advance(JUMP)
    # A life has some three commits: those that were to end at a later one ended otherwise, and say nothing here.
    assert reached.count(1) >= LIVES, f"hardly a life came to its first commit: {reached}"
    asked = await finish(one, referrals)
    print(json.dumps({"engine": engine, "killed so": len(reached), **asked, **await one.found()}))  # noqa: T201 - the soak reads it
    assert await recounted(one.home.router.store.rows) == {}
    one.judge(referrals)


async def _live_until(one: Place, commit: int, *, after: bool) -> bool:
    """Let a worker live until its n-th commit; tell whether it got so far."""
    file = node_file(one.town, one.home, one.folder)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"dies_at": commit, "after": after}), encoding="utf-8")
    worker = await start(file)
    try:
        return await asyncio.wait_for(worker.wait(), IDLE) == -signal.SIGKILL
    except TimeoutError:
        worker.kill()
        await worker.wait()
        return False
