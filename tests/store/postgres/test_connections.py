"""Connections are opened when needed, replaced when lost, and closed without waiting for a dead server."""

import asyncio

import asyncpg
import pytest

from router.errors import CannotStart, StoreUnavailable
from router.store.postgres.connections import CHANNEL, READERS, Connections
from tests.store.proxy import Cut, through_proxy

pytestmark = pytest.mark.postgres


async def test_readers_are_shared_and_few(postgres_url: str) -> None:
    connections = Connections(postgres_url)
    await connections.open()
    slow = [connections.fetch("SELECT pg_backend_pid() AS pid FROM pg_sleep(0.05)", ()) for _ in range(READERS * 3)]
    found = {rows[0]["pid"] for rows in await asyncio.gather(*slow)}
    assert 1 <= len(found) <= READERS
    await connections.close()


async def test_a_reader_that_was_refused_is_used_again(postgres_url: str) -> None:
    connections = Connections(postgres_url)
    await connections.open()
    (first,) = await connections.fetch("SELECT pg_backend_pid() AS pid", ())
    with pytest.raises(ValueError, match="42P01"):
        await connections.fetch("SELECT * FROM nowhere", ())
    assert await connections.fetch("SELECT pg_backend_pid() AS pid", ()) == [first]
    await connections.close()


async def test_a_notice_wakes_and_is_counted(postgres_url: str) -> None:
    connections = Connections(postgres_url)
    await connections.open()
    before = connections.notified
    waiting = asyncio.create_task(connections.notice(60))
    await asyncio.sleep(0.05)
    other = await asyncpg.connect(postgres_url)
    await other.execute(f"NOTIFY {CHANNEL}")
    await other.close()
    async with asyncio.timeout(15):
        await waiting
    assert connections.notified == before + 1
    await connections.close()


async def test_a_listener_that_was_lost_listens_again_and_counts_what_it_may_have_missed(postgres_url: str) -> None:
    async with through_proxy(postgres_url) as proxy:
        connections = Connections(proxy.dsn)
        await connections.open()
        before = connections.notified
        proxy.break_all()
        await asyncio.sleep(0.05)
        async with asyncio.timeout(15):
            await connections.notice(60)
        assert connections.notified > before
        await connections.close()


async def test_closing_does_not_wait_for_a_server_that_is_gone(postgres_url: str) -> None:
    async with through_proxy(postgres_url) as proxy:
        connections = Connections(proxy.dsn)
        await connections.open()
        proxy.cut = Cut.ALL
        proxy.break_all()
        async with asyncio.timeout(5):
            await connections.close()


async def test_who_is_not_let_in_cannot_start_and_who_gets_no_answer_may_try_again(postgres_url: str) -> None:
    with pytest.raises(CannotStart):
        await Connections(f"{postgres_url}_missing").open()
    with pytest.raises(StoreUnavailable):
        await Connections("postgresql://router@127.0.0.1:1/none").open()
