"""kill -9 of the worker that tells sources of their reports, when a message has left and nothing of it is noted yet.

The receiver, over HTTPS on loopback, is the judge: what it had when the worker died comes again with the same id and
the same bytes, and nothing is lost. One worker dies with the message unanswered, the next as its answer leaves.
Most of the five seconds is three processes that each open a router.
"""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from router.casework.govern.status_hook import change_hook
from router.casework.intake import take as intake
from router.store.checkpoint import verify_audit
from router.store.schema.tables import audit, reports, status_changes, status_news
from router.world.story import HOME, Site
from router.world.zone import Host
from tests.faults.processes import Worker, node_file, start
from tests.hearing import HOST, OPERATOR, hook, put_back_and_released
from tests.neighbours import ANALYSTS, Neighbour, listening, neighbourhood, report
from tests.partners.endpoint import SECRET

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]
ADDRESS = "34.140.30.30"
#: Seconds of one call; a message belongs to a worker that died for two of them.
CALL = 0.5


class Receiver:
    """Takes messages, and ends whoever sent the first two: before it answers, and as its answer leaves."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes]] = []
        self.worker: Worker | None = None
        self.killed = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        self.requests.append((dict(scope["headers"])[b"webhook-id"].decode(), body))
        if self.killed == 0:
            self._kill()
            return
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        if self.killed == 1:
            self._kill()

    def _kill(self) -> None:
        assert self.worker is not None
        self.killed += 1
        self.worker.kill()


async def test_what_was_sent_and_not_noted_comes_again_as_it_was(tmp_path: Path) -> None:
    await _story(tmp_path, None)


async def test_what_is_asked_for_again_after_a_release_comes_again_as_it_was(tmp_path: Path) -> None:
    await _story(tmp_path, None, after_release=True)


@pytest.mark.postgres
async def test_it_comes_again_on_postgresql_too(tmp_path: Path, postgres_dsn: str) -> None:
    await _story(tmp_path, postgres_dsn)


async def _story(folder: Path, database: str | None, *, after_release: bool = False) -> None:
    receiver, site = Receiver(), Site("form", "BE", HOST, ADDRESS)
    async with (
        neighbourhood(folder, (Host(HOST, (ADDRESS,)),)) as town,
        listening(receiver, town.authority, site) as port,
        town.moving_in(HOME, database=database, listens=False) as home,
    ):
        town.ports[ADDRESS] = port
        _keep_secret(home)
        await change_hook(home.router.ctx, ANALYSTS.source or "", hook(), OPERATOR)
        if after_release:
            await put_back_and_released(home.router.ctx)
        else:
            await intake.take(home.router.ctx, report("http://nowhere.example/a", "A-1"), ANALYSTS)
        file = node_file(town, home, folder, call_seconds=CALL)
        for _ in range(2):
            receiver.worker = await start(file)
            assert await asyncio.wait_for(receiver.worker.wait(), 30) < 0
        receiver.worker = await start(file)
        await _until_told(home)
        receiver.worker.kill()
        await receiver.worker.wait()
        first, again = receiver.requests[:2]
        assert again == first
        assert all(len({body for id_, body in receiver.requests if id_ == one}) == 1 for one, _ in receiver.requests)
        told = await home.rows(audit.select().where(audit.c.act == "source.told"))
        assert len(told) == len({one for one, _ in receiver.requests})
        _, findings = await verify_audit(home.router.store.rows, home.router.ctx.keyring)
        assert findings == []


def _keep_secret(home: Neighbour) -> None:
    folder = home.router.settings.data_dir / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(folder / "form-status", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write(SECRET)


async def _until_told(home: Neighbour) -> None:
    """Wait until nothing is left to be told, and a report's source has heard how it stands."""
    async with asyncio.timeout(40):
        while True:
            left = [*await home.rows(status_changes.select()), *await home.rows(status_news.select())]
            told = [one["status_told"] is not None for one in await home.rows(reports.select())]
            if all(told) and not left:
                return
            await asyncio.sleep(0.05)
