"""A PostgreSQL store carried into one file and back, table by table by the schema's own description.

Everything is read in one repeatable-read transaction, which sees one moment (postgresql.org/docs/current/
transaction-iso.html), and written back in one. The tallies are not carried: the triggers that keep them count anew.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import asyncpg
from sqlalchemy import Table

from router.errors import CannotStart
from router.store.migrate import check_known, migration, newest
from router.store.postgres.connections import CONNECT_TIMEOUT
from router.store.postgres.errors import DRIVER_ERRORS, lost, translated
from router.store.schema.figures import WRITTEN_BY_TRIGGERS
from router.store.schema.metadata import metadata
from router.store.schema.tables import tallies
from router.store.sqlite import snapshot as files

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds that one batch of rows may take; a store of any size is many batches.
_BATCH_SECONDS: Final = 120.0
_OLD: Final = "The database's schema is older than this program; run the verb `migrate` first."
_NOT_EMPTY: Final = "The database that is to take the backup is not empty; give the address of a new, empty one."


def carried() -> list[Table]:
    """Return the tables that a copy carries: first what figures are made of, which triggers then find written."""
    wanted = [table for table in metadata.sorted_tables if table is not tallies]
    return sorted(wanted, key=lambda table: table not in WRITTEN_BY_TRIGGERS)


async def take(dsn: str, target: Path) -> None:
    """Write what the database holds now into a new file. Raise CannotStart, StoreUnavailable."""
    connection = await _connected(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await _check_schema(connection)
            filled = await _to_its_end(files.make, target)
            try:
                for table in carried():
                    await _carry(connection, table, filled)
            finally:
                filled.close()
    except DRIVER_ERRORS as error:
        raise translated(error) from None
    finally:
        connection.terminate()


async def _carry(connection: asyncpg.Connection, table: Table, filled: Any) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.c)
    cursor = await connection.cursor(f'SELECT {names} FROM "{table.name}"')  # noqa: S608 - our own names
    while rows := await cursor.fetch(files.ROWS, timeout=_BATCH_SECONDS):
        await _to_its_end(_keep, filled, table, [tuple(row) for row in rows])


async def _to_its_end(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """Run in a thread, which nobody can stop: who is told to stop waits, since what it works on is closed next."""
    running = asyncio.create_task(asyncio.to_thread(work, *given, **named))
    try:
        return await asyncio.shield(running)
    finally:
        await asyncio.gather(running, return_exceptions=True)


def _keep(filled: Any, table: Table, rows: list[tuple[Any, ...]]) -> None:
    with filled:
        files.fill(filled, table, rows)


async def put(snapshot: files.Snapshot, dsn: str, mark: tuple[str, bytes]) -> None:
    """Write a copy into an empty database, and a mark of this restore, whole or not at all.

    Raise CannotStart for one that is not empty, StoreUnavailable.
    """
    connection = await _connected(dsn)
    try:
        async with connection.transaction():
            if await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"):
                raise CannotStart(_NOT_EMPTY, field="database", reason="not_empty")
            for statement in migration("postgresql", None):
                await connection.execute(statement)
            for table in carried():
                for rows in snapshot.batches(table):
                    names = [column.name for column in table.c]
                    await connection.copy_records_to_table(
                        table.name, records=rows, columns=names, timeout=_BATCH_SECONDS
                    )
            await connection.execute("INSERT INTO meta (name, value) VALUES ($1, $2)", *mark)
    except DRIVER_ERRORS as error:
        raise translated(error) from None
    finally:
        connection.terminate()


async def _connected(dsn: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT, server_settings={"timezone": "UTC", "jit": "off"})
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError):
        text = "PostgreSQL does not let us in; check user, password and database name of its address."
        raise CannotStart(text) from None
    except DRIVER_ERRORS:
        raise lost() from None


async def _check_schema(connection: asyncpg.Connection) -> None:
    revision = None
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is not None:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    check_known(revision)
    if revision != newest():
        raise CannotStart(_OLD, reason="old_schema")
