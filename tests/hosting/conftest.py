"""The shipped data, opened once, and a name server on loopback."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from router.clock import StoryClock
from router.data import DataSets
from router.hosting.known_names import KnownHosts
from router.hosting.sources import EmbeddedSources, build
from tests.hosting.dns.faulty_server import FaultyServer, faulty_server


@pytest.fixture(scope="session")
def data() -> Iterator[DataSets]:
    with DataSets.open() as opened:
        yield opened


@pytest.fixture(scope="session")
def embedded(data: DataSets) -> EmbeddedSources:
    return build(data)


@pytest.fixture(scope="session")
def known() -> KnownHosts:
    return KnownHosts.load()


@pytest.fixture
def clock() -> StoryClock:
    return StoryClock(datetime(2026, 11, 22, 12, tzinfo=UTC))


@pytest.fixture
async def server() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as running:
        yield running


@pytest.fixture
async def second_server() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as running:
        yield running
