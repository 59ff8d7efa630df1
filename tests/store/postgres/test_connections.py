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


async def drop_idle(postgres_url: str) -> None:
    """What a firewall, a pooler or an administrator does to connections that nobody uses."""
    killer = await asyncpg.connect(postgres_url)
    await killer.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'referral-router' AND datname = current_database()"
    )
    await killer.close()


async def all_readers(connections: Connections) -> None:
    """Have every reader opened and idle."""
    slow = [connections.fetch("SELECT 1 AS n FROM pg_sleep(0.2)", ()) for _ in range(READERS)]
    await asyncio.gather(*slow)
    assert len(connections._idle) == READERS


@pytest.mark.parametrize("how", ["terminated", "cut"])
async def test_readers_that_were_lost_while_idle_cost_nobody_an_answer(postgres_url: str, how: str) -> None:
    async with through_proxy(postgres_url) as proxy:
        connections = Connections(proxy.dsn)
        await connections.open()
        await all_readers(connections)
        if how == "cut":
            proxy.break_all()
        else:
            await drop_idle(postgres_url)
        found = await asyncio.gather(*(connections.fetch("SELECT 1 AS n", ()) for _ in range(READERS * 4)))
        assert [rows[0]["n"] for rows in found] == [1] * (READERS * 4)
        await connections.close()


async def test_a_driver_that_lost_its_place_is_a_lost_connection(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """asyncpg says so with an error of none of its usual kinds when a connection ends under a statement."""
    connections = Connections(postgres_url)
    await connections.open()
    await all_readers(connections)
    broken = connections._idle[-1]

    async def fails(*_: object) -> None:
        raise asyncpg.InternalClientError("got result for unknown protocol state 3")

    monkeypatch.setattr(type(broken), "fetch", lambda self, *given: fails() if self is broken else kept(self, *given))
    kept = monkeypatch._setattr[-1][2]
    assert [dict(row) for row in await connections.fetch("SELECT 1 AS n", ())] == [{"n": 1}]
    await connections.close()


async def test_a_server_that_stays_away_is_a_reason_to_come_again(postgres_url: str) -> None:
    async with through_proxy(postgres_url) as proxy:
        connections = Connections(proxy.dsn)
        await connections.open()
        await all_readers(connections)
        proxy.cut = Cut.ALL
        proxy.break_all()
        for _ in range(3):
            with pytest.raises(StoreUnavailable) as caught:
                await connections.fetch("SELECT 1 AS n", ())
            assert caught.value.retry_after
        await connections.close()
