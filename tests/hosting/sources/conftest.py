"""Registries and feeds that really answer, on loopback, behind the real egress guard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.clock import StoryClock
from router.hosting.sources.registry.rdap import Rdap
from router.hosting.sources.registry.registries import Registries, RegistryInfo
from router.world.rdap import Registry
from tests.loopback import Loopback


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


@pytest.fixture
async def registry(net: Loopback) -> AsyncIterator[Registry]:
    async with Registry() as running:
        net.place("rdap.ripe.test", "193.0.6.135", 80, running.port)
        yield running


@pytest.fixture
def registries() -> Registries:
    one = RegistryInfo("ripencc", "RIPE NCC", "http://rdap.ripe.test/", 100, 1000)
    return Registries([(one, ["0.0.0.0/1", "128.0.0.0/1", "2000::/3"])])


@pytest.fixture
async def rdap(net: Loopback, registry: Registry, registries: Registries, clock: StoryClock) -> AsyncIterator[Rdap]:
    made = Rdap(await net.egress(), registries, clock)
    yield made
    await made.aclose()
