"""kill -9 at the steps of sending, then the machine is lost, and so is a restore that is begun: 0 twice, 0 lost.

Every report is younger than the backup, the peer over HTTPS is the judge, and workers die at a commit of a turn, before
it or right after it: with the ledger's line and no row, with the row and no call, with the call and no receipt. Three
deaths in CI (processes that each open a router, a restore and a release: some twenty seconds on a busy machine);
ROUTER_RESTORE_KILLS for more.
"""

import asyncio
import json
import os
import shutil
import signal
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from router.app import build
from router.backup.put_back import put_back
from router.backup.take import take
from router.casework.govern import second_person
from router.casework.govern.paused import walked
from router.casework.govern.release import propose_release
from router.casework.intake import take as intake
from router.settings import Settings
from router.store.recount import recounted
from router.store.schema.tables import referrals
from router.world.story import HOME, NETHERLANDS
from schemas.actor import Role
from schemas.proposal import RELEASE
from tests import postgres_server
from tests.backup import stores
from tests.faults.processes import node_file, start
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, report
from tests.office import person

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
KILLS = int(os.environ.get("ROUTER_RESTORE_KILLS", "3"))
ANNA, BERT = person("anna", Role.SUPERVISOR), person("bert", Role.SUPERVISOR)
#: Reports that come before each death.
REPORTS = 4
CALL = 0.5


async def test_nothing_is_sent_twice_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await _story(tmp_path, (None, None), monkeypatch)


@pytest.mark.postgres
async def test_nor_on_postgresql(tmp_path: Path, postgres_server_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with AsyncExitStack() as stack:
        two = [await stack.enter_async_context(postgres_server.fresh_database(postgres_server_dsn)) for _ in range(2)]
        await _story(tmp_path, (two[0], two[1]), monkeypatch)


async def _story(folder: Path, engines: tuple[str | None, str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = folder / "receiver"
    receiver.mkdir()
    monkeypatch.setenv("ROUTER_AUDIT_RECEIVER", str(receiver))
    async with neighbourhood(folder) as town, town.moving_in(NETHERLANDS) as dutch:
        async with town.moving_in(HOME, listens=False, database=engines[0]) as home:
            await town.introduce()
            await take(home.router.settings, folder / "backup", folder / "keys")
            settings = home.router.settings
            for n in range(KILLS):
                await _take(home, n)
                await (_die_in_the_call(town, home, dutch, folder) if n % 3 == 2 else _die(town, home, folder, n))
        shutil.rmtree(folder / HOME)
        assert len(await dutch.inbox()) > 0, "nobody had anything yet, so nothing is shown"
        ledger = receiver / f"{HOME}.ledger"
        await _restore_dies(folder, ledger)
        await put_back(folder / "backup", folder / "keys", folder / "new", engines[1], ledger)
        await _works_on(town, dutch, settings.model_copy(update={"data_dir": folder / "new", "database": engines[1]}))


async def _take(home: Neighbour, n: int) -> None:
    for one in range(n * REPORTS, (n + 1) * REPORTS):
        await intake.take(home.router.ctx, report(f"http://pages.tulip.test/{one}", f"H-{one}"), ANALYSTS)


async def _die(town: Neighbourhood, home: Neighbour, folder: Path, n: int) -> None:
    """Start a worker that ends itself at one of its commits."""
    file = node_file(town, home, folder, call_seconds=CALL)
    placed = json.loads(file.read_text(encoding="utf-8"))
    # The first commits trace, decide and claim; from the fifth on bytes are kept, sent and answered.
    file.write_text(json.dumps(placed | {"dies_at": 5 + n, "after": bool(n % 2)}), encoding="utf-8")
    worker = await start(file)
    try:
        await asyncio.wait_for(worker.wait(), 10)
    except TimeoutError:  # so many commits were not needed: it dies with nothing to do
        worker.kill()
        await worker.wait()


async def _die_in_the_call(town: Neighbourhood, home: Neighbour, dutch: Neighbour, folder: Path) -> None:
    """Start a worker that dies when the peer has taken what it sent, and nobody has heard its answer."""
    worker = await start(node_file(town, home, folder, call_seconds=CALL))
    app, had = dutch.mood.app, len(await dutch.inbox())

    async def ends_it(scope: Any, receive: Any, send: Any) -> None:
        async def dropped(message: Any) -> None:
            del message

        await app(scope, receive, dropped if scope["path"] == "/v1/inbox/referrals" else send)
        if len(await dutch.inbox()) > had:
            worker.kill()

    dutch.mood.app = ends_it
    await asyncio.wait_for(worker.wait(), 60)
    dutch.mood.app = app


async def _restore_dies(folder: Path, ledger: Path) -> None:
    """A restore that is killed leaves nothing that is taken for a router."""
    words = (str(folder / "backup"), "--keys", str(folder / "keys"), "--ledger", str(ledger))
    while True:
        process = stores.verb("restore", *words, "--data", str(folder / "new"))
        while process.poll() is None and not any(folder.glob(".new.*")):  # noqa: ASYNC110 - another process fills it
            await asyncio.sleep(0.005)
        process.kill()
        code, _, _ = await stores.ended(process)
        if code != 0:
            break
        shutil.rmtree(folder / "new")  # it was through before we looked
    assert code == -signal.SIGKILL
    assert not (folder / "new").exists()


async def _works_on(town: Neighbourhood, dutch: Neighbour, settings: Settings) -> None:
    async with build(settings, clock=town.clock, dial=town.dial) as router:
        ctx, worker, count = router.ctx, router.worker(), KILLS * REPORTS
        for n in range(count):
            await intake.take(ctx, report(f"http://pages.tulip.test/{n}", f"H-{n}"), ANALYSTS)
        before = len(await dutch.inbox())
        await propose_release(ctx, ANNA, None)
        await worker.turn()
        assert len(await dutch.inbox()) == before
        done = await walked(router.store)
        assert done is not None
        assert done.there > 0, "nothing was in doubt, so nothing is shown"
        (seen,) = await second_person.shown(ctx)
        await second_person.confirm(ctx, RELEASE, BERT, seen.id)
        for _ in range(6):
            await worker.turn()
            town.clock.advance(timedelta(seconds=10))
        had = Counter(row["case_id"] for row in await dutch.inbox())
        assert (len(had), max(had.values())) == (count, 1), "lost, or sent twice"
        states = Counter(row["state"] for row in await router.store.rows(select(referrals)))
        assert states == {"accepted": count}
        assert await recounted(router.store.rows) == {}
