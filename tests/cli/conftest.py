"""A name server in a thread of its own, as the verbs run an event loop of their own."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.hosting.dns.faulty_server import FaultyServer


@pytest.fixture
def name_server() -> Iterator[int]:
    server, loop = FaultyServer(), asyncio.new_event_loop()
    server.put("web.test", "A", "3.120.0.1")
    loop.run_until_complete(server.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.port
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(server.stop())
    loop.close()
