"""Two worker processes on one store: each referral leaves once, judged by every request that the peer was sent.

What the peer keeps cannot show it: its inbox takes a repeated referral for the same one. So the requests are counted.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from router.casework.intake.ndjson import take_batch
from router.store.schema.tables import attempts, audit, cases
from router.world.story import HOME, NETHERLANDS
from schemas.states import CaseState, ReferralState
from tests.faults.processes import claimants, node_file, start, step
from tests.neighbours import ANALYSTS, Neighbour, neighbourhood, report

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
#: Three bundles of a hundred: one for each worker, and one that both want.
REFERRALS = 300
#: A call at a time and one more at once, so that each worker claims a bundle while the peer keeps the other waiting.
PACE = {"per_second": 50.0, "burst": 20, "in_flight": 1}
#: Seconds that a call may take: longer than the second worker needs to claim.
CALL_SECONDS = 60.0
#: Seconds until all must have arrived, which takes two or three; only a worker that hangs takes longer.
PATIENCE = 120.0


class Listening:
    """The peer's own application, which notes the referrals of each bundle it is sent before it answers."""

    def __init__(self, app: Any) -> None:
        self.app, self.sent = app, Counter[str]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        heard = bytearray()

        async def overheard() -> Any:
            message = await receive()
            heard.extend(message.get("body", b""))
            return message

        await self.app(scope, overheard, send)
        if scope["path"] == "/v1/inbox/referrals":
            self.sent.update(one["referral_id"] for one in json.loads(bytes(heard))["referrals"])


async def test_two_processes_on_sqlite_send_nothing_twice(tmp_path: Path) -> None:
    await _story(tmp_path, None)


@pytest.mark.postgres
async def test_two_processes_on_postgresql_send_nothing_twice(tmp_path: Path, postgres_dsn: str) -> None:
    await _story(tmp_path, postgres_dsn)


async def _story(folder: Path, database: str | None) -> None:
    async with (
        neighbourhood(folder) as town,
        town.moving_in(NETHERLANDS) as dutch,
        town.moving_in(HOME, database=database, listens=False) as home,
    ):
        await town.introduce(pace=PACE)
        await _decided(home)
        dutch.mood.app = peer = Listening(dutch.mood.app)
        dutch.mood.open.clear()
        file = node_file(town, home, folder, CALL_SECONDS)
        workers = await asyncio.gather(start(file), start(file))
        try:
            async with asyncio.timeout(PATIENCE):
                while len(await claimants(home)) < len(workers):  # noqa: ASYNC110 - they are other processes
                    await asyncio.sleep(0.02)
                dutch.mood.open.set()  # both have a bundle under way
                while not await _all_accepted(home):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.05)
        finally:
            for worker in workers:
                worker.kill()
                await worker.wait()
        await _judge(home, dutch, peer)


async def _decided(home: Neighbour) -> None:
    lines = [report(f"http://pages.tulip.test/{n}", f"W-{n}").model_dump_json().encode() for n in range(REFERRALS)]
    await take_batch(home.router.ctx, lines, ANALYSTS)
    for state in (CaseState.RECEIVED, CaseState.LOCATED):
        due = await home.rows(select(cases).where(cases.c.state == state))
        await asyncio.gather(*(step(home, row) for row in due))
    assert {row["state"] for row in await home.referrals()} == {ReferralState.WAITING}


async def _all_accepted(home: Neighbour) -> bool:
    return {row["state"] for row in await home.referrals()} == {ReferralState.ACCEPTED}


async def _judge(home: Neighbour, dutch: Neighbour, peer: Listening) -> None:
    ids = {row["id"] for row in await home.referrals()}
    assert peer.sent == Counter(ids)
    assert {row["referral_id"] for row in await dutch.inbox()} == ids
    assert len(ids) == len(await dutch.cases()) == REFERRALS
    assert Counter(row["referral_id"] for row in await home.rows(select(attempts))) == Counter(ids)
    sent = await home.rows(select(audit.c.epoch).where(audit.c.act == "referral.attempted").distinct())
    assert len(sent) == 2, "each worker process, which has an audit epoch of its own, has sent some"
