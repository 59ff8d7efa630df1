"""The data in force followed while they are refreshed, over real sets: what starts later answers from the new ones."""

import asyncio
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from router.app_tracer import InForce
from router.clock import StoryClock
from router.errors import CannotStart
from router.hosting.editions import Editions
from router.hosting.known_names import KnownHosts
from router.hosting.location.url import read
from router.hosting.sources.registry.rdap import Rdap
from router.hosting.trace import Judge, Sources, Tracer
from router.settings import Settings
from schemas.trace import Evidence, Ip, OnlineMode, Trace
from tests.refreshed import refreshed

FRANKFURT = ip_address("3.120.0.1")
FIRST, SECOND = "2031-05-06", "2031-05-07"


@pytest.fixture
def editions(tmp_path: Path) -> Iterator[Editions]:
    refreshed(tmp_path, FIRST)
    made = Editions(InForce(Settings.load(data_dir=tmp_path, resolvers=("127.0.0.1:9",))))
    yield made
    made.close()


def dates(judge: Judge) -> set[str | None]:
    return {one.as_of for one in judge.address(FRANKFURT).evidence}


def held_date(editions: Editions) -> set[str | None]:
    with editions.held() as judge:
        return dates(judge)


async def test_without_a_refresh_nothing_is_opened_again(editions: Editions) -> None:
    before = editions.data
    assert not await editions.look()
    assert editions.data is before


async def test_what_starts_after_a_refresh_answers_from_the_new_sets(editions: Editions, tmp_path: Path) -> None:
    assert held_date(editions) == {FIRST}
    refreshed(tmp_path, SECOND)
    assert held_date(editions) == {FIRST}, "until somebody looks"
    assert await editions.look()
    assert held_date(editions) == {SECOND}
    assert {info.date for info in editions.data.infos.values()} == {SECOND}


async def test_what_is_under_way_ends_with_the_sets_it_began_with_and_then_they_are_closed(
    editions: Editions, tmp_path: Path
) -> None:
    reader = editions.data.reader("geolocation")
    with editions.held() as old:
        refreshed(tmp_path, SECOND)
        await editions.look()
        assert (dates(old), held_date(editions)) == ({FIRST}, {SECOND})
        assert not reader.closed
    assert reader.closed
    assert not editions.data.reader("geolocation").closed


async def test_sets_that_nobody_uses_are_closed_at_once(editions: Editions, tmp_path: Path) -> None:
    reader = editions.data.reader("geolocation")
    refreshed(tmp_path, SECOND)
    await editions.look()
    assert reader.closed


async def test_damaged_sets_change_nothing_and_whole_ones_are_taken_up_later(
    editions: Editions, tmp_path: Path
) -> None:
    made = refreshed(tmp_path, SECOND)
    file = next(made.glob("*.mmdb"))
    whole = file.readlink()
    file.unlink()
    file.write_bytes(b"cut short")
    with pytest.raises(CannotStart, match="damaged"):
        await editions.look()
    assert held_date(editions) == {FIRST}
    file.unlink()
    file.symlink_to(whole)
    assert await editions.look()
    assert held_date(editions) == {SECOND}


async def test_following_goes_on_after_sets_that_cannot_be_opened(editions: Editions, tmp_path: Path) -> None:
    made = refreshed(tmp_path, SECOND)
    file = next(made.glob("*.mmdb"))
    file.unlink()
    following = asyncio.create_task(editions.follow(every=0.01))
    try:
        await asyncio.sleep(0.1)
        assert held_date(editions) == {FIRST}
        refreshed(tmp_path, "2031-05-08")
        async with asyncio.timeout(10):
            while held_date(editions) == {FIRST}:  # noqa: ASYNC110 - it is files that change
                await asyncio.sleep(0.01)
    finally:
        following.cancel()
    assert held_date(editions) == {"2031-05-08"}


class Swapping:
    """An online source that a refresh overtakes: while it is asked, other sets are put in force."""

    name = "rdap"
    roles = Rdap.roles

    def __init__(self, editions: Editions, folder: Path) -> None:
        self.editions, self.folder = editions, folder

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:
        refreshed(self.folder, SECOND)
        assert await self.editions.look()
        return ()


async def test_no_trace_mixes_two_editions(editions: Editions, tmp_path: Path, clock: StoryClock) -> None:
    online = Swapping(editions, tmp_path)
    tracer = Tracer(Sources(editions, KnownHosts.load(), online=(online,)), clock)

    def seen(trace: Trace) -> set[str | None]:
        return {one.as_of for address in trace.addresses for one in address.evidence}

    location = read(f"http://{FRANKFURT}/")
    assert seen(await tracer.trace(location, online=OnlineMode.ALWAYS)) == {FIRST}
    assert seen(await tracer.trace(location, online=OnlineMode.NEVER)) == {SECOND}
    assert seen(tracer.offline(location)) == {SECOND}
