"""A refresh as the whole router makes it: compared on what was decided, waiting for a person, and by `serve` itself."""

import asyncio
import gzip
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from router import app_data
from router.app import build
from router.app_data import decided_hosts, keep_fresh, pause, renew
from router.app_tracer import SETS, hosts_moved, open_data, own_database, tracer
from router.casework.intake import take as intake
from router.clock import StoryClock, SystemClock
from router.data import second
from router.data.refresh import PublishedFile
from router.data.waiting import accept, waiting
from router.errors import CannotStart
from router.hosting.location.url import read
from router.settings import Settings
from tests.casebook import ANALYSTS
from tests.data.conftest import country_database
from tests.loopback import Loopback
from tests.neighbours import report
from tests.refreshed import three_networks

TODAY = date(2026, 12, 1)
MIRROR = "3.120.0.1"
FILES = [PublishedFile("dbip-country", "country.mmdb.gz", f"https://{MIRROR}/x", 1, 1_000_000)]
HOSTS = [f"5.1.{number}.1" for number in range(3)]


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    """A public internet on loopback."""
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A data directory whose geolocation in force knows three networks."""
    return three_networks(tmp_path)


def settings(folder: Path, net: Loopback | None = None, **more: Any) -> Settings:
    ca_file = None if net is None else net.ca_file
    return Settings.load(data_dir=folder, ca_file=ca_file, resolvers=("127.0.0.1:9",), **more)


async def publishing(net: Loopback, folder: Path, country: str) -> None:
    """Publish a geolocation by which 5.1.0.0/16 stands in that country, over HTTPS."""
    country_database(folder / "now.mmdb", {"5.0.0.0/16": "NL", "5.1.0.0/16": country, "2a00::/16": "FR"})
    body = gzip.compress((folder / "now.mmdb").read_bytes())

    async def send(_: web.Request) -> web.Response:
        return web.Response(body=body)

    await net.serve(MIRROR, send)


async def decide(given: Settings) -> None:
    """Take reports of three hosts, and decide them."""
    async with build(given) as router:
        for number, host in enumerate([*HOSTS, HOSTS[0]]):
            await intake.take(router.ctx, report(f"http://{host}/{number}", f"r-{number}"), ANALYSTS)
        worker = router.worker()
        while await worker.turn():
            pass


async def test_hosts_that_were_decided_are_read_beside_a_running_router(small: Path) -> None:
    given = settings(small)
    assert await decided_hosts(given) == [], "there is no router yet"
    await decide(given)
    async with build(given):
        found = await decided_hosts(given)
    assert sorted(str(ip) for (ip,) in found) == HOSTS


@pytest.mark.parametrize(("most", "waits"), [(3, False), (2, True)])
async def test_data_that_move_many_hosts_wait_for_a_person(
    small: Path, net: Loopback, tmp_path: Path, *, most: int, waits: bool
) -> None:
    given = settings(small, net, data_moved_most=most)
    await decide(given)
    await publishing(net, tmp_path, "SE")
    outcome = await renew(given, TODAY, files=FILES, dial=net.dial)
    assert [one.name for one in outcome if one.renewed] == ["geolocation"]
    found = waiting(small / SETS)
    assert (found is not None, hosts_moved(given)) == (waits, 3 if waits else None)
    with open_data(given) as data:
        assert data.reader("geolocation").get("5.1.0.1") == ("DE" if waits else "SE")
    if found is not None:
        assert (found.moves.of, found.moves.hosts) == (3, 3)
        assert all(host not in (small / SETS / "waiting/moves.json").read_text() for host in HOSTS)
        accept(small / SETS, TODAY, found.id)
        with open_data(given) as data:
            assert data.reader("geolocation").get("5.1.0.1") == "SE"


async def test_what_waits_is_forgotten_when_newer_data_move_nobody(small: Path, net: Loopback, tmp_path: Path) -> None:
    given = settings(small, net, data_moved_most=0)
    await decide(given)
    await publishing(net, tmp_path, "SE")
    await renew(given, TODAY, files=FILES, dial=net.dial)
    assert hosts_moved(given) == 3
    await publishing(net, tmp_path, "DE")
    await renew(given, TODAY, files=FILES, dial=net.dial)
    assert hosts_moved(given) is None


async def test_the_heavy_part_may_be_done_by_another_process(small: Path, net: Loopback, tmp_path: Path) -> None:
    given = settings(small, net, data_moved_most=0)
    await decide(given)
    await publishing(net, tmp_path, "SE")
    async with app_data._another_process() as work:
        assert await work(os.getpid) != os.getpid()
        await renew(given, TODAY, files=FILES, dial=net.dial, work=work)
    assert hosts_moved(given) == 3


async def test_two_refreshes_at_once_do_not_meet(small: Path, net: Loopback, tmp_path: Path) -> None:
    given = settings(small, net)
    await publishing(net, tmp_path, "SE")
    both = [renew(given, TODAY, files=FILES, dial=net.dial) for _ in range(2)]
    found = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(isinstance(one, CannotStart) for one in found) == [False, True]


async def serving(net: Loopback, body: bytes) -> None:
    async def send(_: web.Request) -> web.Response:
        return web.Response(body=body)

    await net.serve(MIRROR, send)


def second_geolocator(folder: Path) -> bytes:
    """A flat mmdb of an end-user licence, as large as one is at least."""
    rows = {f"5.{second}.{third}.0/24": "SE" for second in range(40) for third in range(0, 250, 2)}
    country_database(folder / "lite.mmdb", rows, kind="Some Lite", epoch=1_764_720_000)
    return (folder / "lite.mmdb").read_bytes()


@pytest.mark.parametrize("packed", [True, False])
async def test_a_second_geolocator_is_fetched_from_where_the_operator_says(
    small: Path, net: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    monkeypatch.setattr(second, "LEAST", 1)
    given = settings(small, net, mirrors={second.NAME: f"https://{MIRROR}/x"})
    assert own_database(given) is None
    body = second_geolocator(tmp_path)
    await serving(net, gzip.compress(body) if packed else body)
    found = (await renew(given, TODAY, files=FILES, dial=net.dial))[-1]
    assert (found.name, found.renewed) == (second.NAME, True)
    assert "Some Lite of 2025-12-03; its licence binds you" in found.reason
    async with tracer(given, offline=True) as one:
        (address,) = one.offline(read("http://5.2.4.1/")).addresses
    assert [item.claim.country for item in address.evidence if item.source == "maxmind"] == ["SE"]


@pytest.mark.parametrize("body", [b"", b"x" * 200_000, gzip.compress(b"y" * 200_000), b"\x1f\x8b" + b"z" * 200_000])
async def test_a_second_geolocator_that_cannot_be_read_changes_nothing(small: Path, net: Loopback, body: bytes) -> None:
    given = settings(small, net, mirrors={second.NAME: f"https://{MIRROR}/x"})
    await serving(net, body)
    found = (await renew(given, TODAY, files=FILES, dial=net.dial))[-1]
    assert (found.name, found.renewed, found.failed) == (second.NAME, False, True)
    assert second.NAME in found.reason
    assert own_database(given) is None
    assert not [file for file in small.iterdir() if file.name.startswith(".second")]


def test_a_wait_is_as_long_as_it_is_set_and_never_short() -> None:
    day, now = 86_400.0, 1_780_000_000.0
    assert pause(now, now, 30, 0.0) == 30 * day
    assert pause(now, now, 30, 1.0) == pytest.approx(33 * day)
    assert pause(now - 29 * day, now, 30, 0.0) == day
    for last in (0.0, now - 400 * day, now - 30 * day):
        assert 6 * 3600 <= pause(last, now, 30, 0.5) < 7 * 3600, "a start is no reason to ask at once"


class Days:
    """Sleeps by moving a clock."""

    def __init__(self, clock: StoryClock, most: int) -> None:
        self.slept: list[float] = []
        self._clock, self._most = clock, most

    async def __call__(self, seconds: float) -> None:
        if len(self.slept) == self._most:
            raise asyncio.CancelledError
        self.slept.append(seconds)
        self._clock.advance(timedelta(seconds=seconds))


async def test_serve_refreshes_only_where_it_is_allowed_and_goes_on_after_a_fault(tmp_path: Path) -> None:
    asked: list[date] = []

    async def again(today: date) -> None:
        asked.append(today)
        raise CannotStart("the publisher is away") if len(asked) == 1 else RuntimeError

    await keep_fresh(settings(tmp_path), SystemClock(), again=again)
    assert asked == [], "off unless it is allowed"
    given = settings(tmp_path, data_refresh_days=30)
    days = Days(StoryClock(datetime(2026, 12, 1, tzinfo=UTC)), 2)
    with pytest.raises(asyncio.CancelledError):
        await keep_fresh(given, days._clock, again=again, sleep=days, draw=lambda: 0.0)
    assert len(asked) == 2


async def test_a_router_that_serves_keeps_its_data_fresh(
    small: Path, net: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it but the waiting: through the guard, over TLS, compiled by another process, compared and in force."""
    given = settings(small, net, data_refresh_days=30)
    await decide(given)
    await publishing(net, tmp_path, "SE")
    fetching: Callable[..., Awaitable[Any]] = renew

    async def from_loopback(*args: Any, **more: Any) -> Any:
        return await fetching(*args, **more, files=FILES, dial=net.dial)

    monkeypatch.setattr(app_data, "renew", from_loopback)
    days = Days(StoryClock(datetime(2026, 12, 1, tzinfo=UTC)), 1)
    with pytest.raises(asyncio.CancelledError):
        await keep_fresh(given, days._clock, sleep=days)
    with open_data(given) as data:
        assert data.reader("geolocation").get("5.1.0.1") == "SE"
