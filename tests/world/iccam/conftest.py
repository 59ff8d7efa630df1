"""A running hub, and a client of the Dutch hotline that has a certificate but is not logged in yet."""

import ssl
from collections.abc import AsyncIterator

import pytest

from router.clock import StoryClock
from router.world.ca import Authority, ClientLeaf
from router.world.iccam.hub import Hub
from router.world.iccam.server import IccamServer
from tests.world.iccam.caller import Caller
from tests.world.iccam.members import BE, DE, NL, NOW


@pytest.fixture
def clock() -> StoryClock:
    return StoryClock(NOW)


@pytest.fixture
def hub(clock: StoryClock) -> Hub:
    return Hub(clock, [NL, DE, BE])


@pytest.fixture
def client(authority: Authority) -> ClientLeaf:
    return authority.issue_client("hotline-a.test", "of the key")


@pytest.fixture
def client_context(authority: Authority, client: ClientLeaf) -> ssl.SSLContext:
    context = authority.client_context()
    client.load_into(context)
    return context


@pytest.fixture
async def server(authority: Authority, hub: Hub) -> AsyncIterator[IccamServer]:
    context = authority.issue("127.0.0.1").server_context(clients=authority.certificate)
    async with IccamServer(hub, context) as running:
        yield running


@pytest.fixture
async def caller(server: IccamServer, client_context: ssl.SSLContext) -> AsyncIterator[Caller]:
    caller = Caller(server.port, client_context)
    yield caller
    await caller.close()
