"""Nobody answers the alarm and the policy hands it to the police: kill -9 at each step, and they have it exactly once.

The worker is a process of its own and dies by SIGKILL: after it rang, as soon as the handover is in the store, while
the police have the message, and as they answer. The police's own intake is the judge.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from router.casework.alarm.ways import publish
from router.casework.govern.versions import publish_policy
from router.casework.intake import take as intake
from router.data.policies import default_policy
from router.store.checkpoint import verify_audit
from router.store.recount import recounted
from router.store.schema.tables import audit, referrals
from router.world.partners import PoliceIntake
from router.world.story import HOME, POLICE
from schemas.actor import ROUTER
from schemas.policy import UNSEEN
from schemas.states import ReferralState
from tests.faults.processes import node_file, start
from tests.neighbours import ANALYSTS, Neighbour, neighbourhood, pin, report
from tests.postbox import postbox
from tests.stories.test_two_in_the_morning import HERE, both, police_unit, receiver, the_police

pytestmark = pytest.mark.faults
STEPS = ("rung", "handed", "police_have_it", "police_answered")
POLICY = default_policy("BE").replace(
    'home = "BE"\n',
    'home = "BE"\nunseen_after = "2s"\nunseen_then = "hand-to-police"\nunseen_to = "federal-police"\n',
    1,
)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("step", STEPS)
async def test_the_police_have_it_once_whenever_the_worker_dies(tmp_path: Path, step: str) -> None:
    await _story(tmp_path, step, None)


@pytest.mark.timeout(240)
@pytest.mark.postgres
@pytest.mark.parametrize("step", STEPS)
async def test_the_police_have_it_once_on_postgresql_too(tmp_path: Path, step: str, postgres_dsn: str) -> None:
    await _story(tmp_path, step, postgres_dsn)


async def _story(folder: Path, step: str, database: str | None) -> None:
    async with (
        neighbourhood(folder) as town,
        receiver() as hook,
        police_unit(town, folder) as police,
        town.moving_in(HOME, database=database, listens=False) as home,
        postbox(town.authority.issue(HERE).server_context()) as box,
    ):
        await pin(home.router, [the_police()])
        await publish_policy(home.router.store, home.router.ctx.clock, POLICY, ROUTER)
        settings = both(hook, box).model_copy(update={"mail": ()})
        await publish(home.router.store, settings, home.router.ctx.now(), ROUTER)
        file = node_file(town, home, folder, call_seconds=2.0, look=1)
        worker = await start(file)
        died = asyncio.Event()

        def die() -> None:
            if not died.is_set():
                died.set()
                worker.kill()

        if step == "rung":
            hook.answered = die
        watching = asyncio.create_task(_dies_when(step, home, police, die))
        given = report("http://pages.tulip.test/1", "R-1", urgency="live", assessment={"value": "unassessed"})
        await intake.take(home.router.ctx, given, ANALYSTS)
        await asyncio.wait_for(worker.wait(), 90)
        assert died.is_set()
        following = await start(file)
        await _accepted(home)
        following.kill()
        await following.wait()
        watching.cancel()
        (row,) = await home.rows(referrals.select())
        assert (row["partner"], row["route"], row["state"]) == (POLICE, UNSEEN, ReferralState.ACCEPTED)
        (message,) = police.received.values()
        assert message.id == row["id"]
        assert message.body["data"]["assessment"] == {"value": "unassessed", "not_assessed_by_us": True}
        events = await home.rows(audit.select().where(audit.c.act == "case.handed_unseen"))
        assert len(events) == 1
        assert await recounted(home.router.store.rows) == {}
        _, findings = await verify_audit(home.router.store.rows, home.router.ctx.keyring)
        assert findings == []


async def _dies_when(step: str, home: Neighbour, police: PoliceIntake, die: Callable[[], None]) -> None:
    """Have the worker die when what the step says has come about."""
    while True:
        handed = bool(await home.rows(referrals.select())) if step == "handed" else False
        if handed or (step.startswith("police") and police.received):
            if step == "police_answered":
                await asyncio.sleep(0.01)
            die()
            return
        await asyncio.sleep(0.002)


async def _accepted(home: Neighbour) -> None:
    async with asyncio.timeout(120):
        while True:
            rows = await home.rows(referrals.select())
            if rows and all(row["state"] == ReferralState.ACCEPTED for row in rows):
                return
            await asyncio.sleep(0.05)
