"""Name servers on loopback for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from tests.hosting.dns.faulty_server import FaultyServer, faulty_server


@pytest.fixture
async def server() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as running:
        yield running


@pytest.fixture
async def second_server() -> AsyncIterator[FaultyServer]:
    async with faulty_server() as running:
        yield running
