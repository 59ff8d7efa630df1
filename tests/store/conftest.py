"""Stores on real databases: `url` names an empty one, `opened` opens as many stores on it as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import apsw
import asyncpg
import pytest
from sqlalchemy import delete

from router.store.connect import open_store
from router.store.migrate import newest
from router.store.schema.tables import metadata, tallies
from router.store.writer import Writer
from tests import postgres_server
from tests.store.samples import KEYRING

Opened = Callable[[], Awaitable[Writer]]
Run = Callable[[str], Awaitable[None]]


@pytest.fixture(scope="module")
def migrated_postgres(postgres_server_dsn: str) -> Iterator[str]:
    """A database whose schema is made once for a file of tests: making one costs more than most tests do."""

    async def made(context: AbstractAsyncContextManager[str]) -> str:
        dsn = await context.__aenter__()
        await (await open_store(dsn, Path(), KEYRING)).close()
        return dsn

    context = postgres_server.fresh_database(postgres_server_dsn)
    with asyncio.Runner() as runner:
        yield runner.run(made(context))
        runner.run(context.__aexit__(None, None, None))


@pytest.fixture
async def postgres_url(migrated_postgres: str) -> str:
    """The address of that database, emptied but for its schema."""
    connection = await asyncpg.connect(migrated_postgres)
    emptied = [*metadata.tables.values(), tallies]  # what is deleted is counted
    await connection.execute(";".join(str(delete(table)) for table in emptied))
    await connection.execute("UPDATE alembic_version SET version_num = $1", newest())
    await connection.close()
    return migrated_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'router.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def opened(url: str, tmp_path: Path) -> AsyncIterator[Opened]:
    """Open a store on the database; each has a writer, connections and an audit epoch of its own."""
    stores: list[Writer] = []

    async def one() -> Writer:
        stores.append(await open_store(url, tmp_path, KEYRING))
        return stores[-1]

    yield one
    for store in stores:
        await store.close()


@pytest.fixture
async def store(opened: Opened) -> Writer:
    """One store."""
    return await opened()


@pytest.fixture
def run(url: str) -> Run:
    """Run SQL behind the store's back, as somebody with access to the database could."""

    async def sqlite(text: str) -> None:
        connection = apsw.Connection(url.removeprefix("sqlite:///"))
        connection.set_busy_timeout(5000)
        connection.execute(text)
        connection.close()

    async def postgres(text: str) -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(text)
        await connection.close()

    return sqlite if url.startswith("sqlite") else postgres
