"""One simulated instance as a real process: it serves, obeys its pipe, and ends with it."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from router.demo import instance_process
from router.demo.client import Client, Line
from router.demo.instances import Instance, listening, port_of
from router.demo.pipe_messages import Advance, Govern, Invite, Placement
from router.demo.policies import ForHub, ForPolice, of
from router.errors import CannotStart, RouterError
from router.world.ca import Authority
from router.world.clock import JumpingClock
from router.world.dns import NameServer
from router.world.story import HOME, NETHERLANDS, SITES
from router.world.zone import story_zone

(SITE,) = (site for site in SITES if site.partner == NETHERLANDS)
# Each test starts a process that opens a store, its data and a web application: 2 to 5 s, whatever it asks then.
pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[Instance, Client, int]]:
    """One instance with its client, and the port of its plain listener."""
    authority = Authority(folder)
    leaf = authority.issue(SITE.host)
    async with NameServer(story_zone()) as names:
        with listening() as encrypted, listening() as plain:
            ports = {SITE.address: port_of(encrypted)}
            settings = {
                "data_dir": str(folder / "data"),
                "name": SITE.partner,
                "home": SITE.country,
                "public_url": f"https://{SITE.host}/",
                "resolvers": [names.address],
                "ca_file": str(authority.certificate),
                "tls_certificate": str(leaf.certificate),
                "tls_key": str(leaf.key),
            }
            placement = Placement(
                settings=settings,
                began=time.time(),
                addresses=ports,
                encrypted=encrypted.fileno(),
                plain=plain.fileno(),
            )
            instance = await Instance.start(SITE, placement, folder / "log")
            try:
                async with Line(ports, authority.certificate) as line:
                    yield instance, Client(line, SITE.host, instance.ready.token), port_of(plain)
            finally:
                await instance.stop()
                with pytest.raises(ProcessLookupError):
                    os.kill(instance._process.pid, 0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Instance, Client, int]]:
    """An instance for the tests that leave it as it was."""
    async with running(tmp_path_factory.mktemp("one")) as started:
        yield started


@pytest.mark.asyncio(loop_scope="module")
async def test_it_serves_over_https_what_its_staff_may_see(one: tuple[Instance, Client, int]) -> None:
    instance, client, _ = one
    assert (await client.get("/v1/cases"))["items"] == []
    with pytest.raises(RouterError, match="token"):
        await Client(client._line, SITE.host, "rr_live_wrong").get("/v1/cases")
    assert instance.ready.key_id.startswith(NETHERLANDS)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_browser_reaches_it_in_the_clear_on_loopback_with_a_link_that_is_good_once(
    one: tuple[Instance, Client, int],
) -> None:
    instance, _, plain = one
    path = await instance.tell(Invite())
    reader, writer = await asyncio.open_connection("127.0.0.1", plain)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{plain}\r\nConnection: close\r\n\r\n".encode())
    assert (await reader.readline()).split()[1] == b"200"
    writer.close()
    assert await instance.tell(Invite()) != path


@pytest.mark.asyncio(loop_scope="module")
async def test_it_is_governed_and_says_what_is_wrong_with_a_policy(one: tuple[Instance, Client, int]) -> None:
    instance, _, _ = one
    ready = {HOME: instance.ready, NETHERLANDS: instance.ready}
    await instance.tell(of(NETHERLANDS, ready, ForPolice("/srv", "PEM", b"", ""), ForHub("", "", b"", "")))
    with pytest.raises(CannotStart, match=NETHERLANDS):
        await instance.tell(Govern(policy="version = 7", partners=()))


async def test_time_jumps_and_it_ends_when_whoever_started_it_is_gone(tmp_path: Path) -> None:
    async with running(tmp_path) as (instance, client, _):
        assert (await client.get("/v1/cases"))["items"] == []
        await instance.tell(Advance(seconds=370 * 86400.0))
        # The token that its staff got at the start lives for a year.
        with pytest.raises(RouterError, match="token"):
            await client.get("/v1/cases")
        assert instance._process.stdin is not None
        instance._process.stdin.close()
        assert await asyncio.wait_for(instance._process.wait(), timeout=60) == 0


async def test_when_its_worker_breaks_nobody_uses_the_store_when_it_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    class Server(SimpleNamespace):
        async def serve(self, sockets: list[socket.socket]) -> None:
            while not self.should_exit:  # noqa: ASYNC110 - as uvicorn's
                await asyncio.sleep(0)
            await asyncio.sleep(0.01)  # it says goodbye
            sockets[0].close()
            ended.append("server")

    async def breaks() -> None:
        raise CannotStart

    @asynccontextmanager
    async def build(*_: object, **__: object) -> AsyncIterator[SimpleNamespace]:
        try:
            worker = SimpleNamespace(run=breaks, stop=lambda: None)
            yield SimpleNamespace(api=lambda: None, worker=lambda: worker)
        finally:
            ended.append("store")

    monkeypatch.setattr("router.app.build", build)
    monkeypatch.setattr(instance_process, "_server", lambda *_, **__: Server(should_exit=False))
    placement = Placement(settings={}, began=time.time(), addresses={}, encrypted=listening().detach())
    with pytest.raises(CannotStart):
        async with instance_process._serving(placement, JumpingClock()) as (_, serving):
            assert await instance_process._unless_over(nothing_said(), serving) == b""
    assert ended == ["server", "store"]


async def nothing_said() -> Any:
    await asyncio.Event().wait()
