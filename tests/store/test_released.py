"""A database of each released version is brought up to date, and what was in it is still there, on both engines.

`released/VERSION/` holds the schema of a release with a row or more in every table, as `keep_release` wrote it. Those
files are never written anew: what fails here is a revision that was edited, or one that does more than add.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw
import asyncpg
import pytest
from sqlalchemy import select

from router.store.checkpoint import verify_audit
from router.store.connect import open_store
from router.store.migrate import migration
from router.store.schema.tables import nonces
from tests import postgres_server
from tests.store.described import BOOKKEEPING, postgres_schema, sqlite_schema
from tests.store.keep_release import FOLDER, KEYRING, keep
from tests.store.samples import nonce

RELEASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


class Sqlite:
    """A SQLite database, beside the router's own connections."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "router.db"
        self.url = f"sqlite:///{self.file}"

    async def load(self, text: str) -> None:
        connection = apsw.Connection(str(self.file))
        connection.execute(text)
        connection.close()
        self.file.chmod(0o600)

    async def rows(self) -> Rows:
        connection = apsw.Connection(str(self.file))
        kept = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'"
        tables = [str(name) for (name,) in connection.execute(kept)]
        found = {}
        for table in tables:
            cursor = connection.cursor()
            cursor.row_trace = lambda at, row: {one[0]: value for one, value in zip(at.description, row, strict=True)}
            found[table] = list(cursor.execute(f'SELECT * FROM "{table}"'))  # noqa: S608 - a name of its own
        connection.close()
        return found

    async def schema(self) -> Mapping[str, str]:
        return sqlite_schema(self.file)


class Postgres:
    """A PostgreSQL database, beside the router's own connections."""

    def __init__(self, dsn: str) -> None:
        self.url = dsn

    async def load(self, text: str) -> None:
        connection = await asyncpg.connect(self.url)
        await connection.execute(text)
        await connection.close()

    async def rows(self) -> Rows:
        connection = await asyncpg.connect(self.url)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found = {
            name: [dict(row) for row in await connection.fetch(f'SELECT * FROM "{name}"')]  # noqa: S608 - as above
            for (name,) in tables
        }
        await connection.close()
        return found

    async def schema(self) -> Mapping[str, str]:
        return await postgres_schema(self.url)


Database = Sqlite | Postgres


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """An empty database of each engine."""
    if request.param == "sqlite":
        return Sqlite(tmp_path)
    return Postgres(str(request.getfixturevalue("postgres_dsn")))


def kept(version: str, database: Database) -> str:
    name = "sqlite.sql" if isinstance(database, Sqlite) else "postgresql.sql"
    return (FOLDER / version / name).read_text(encoding="utf-8")


def missing(before: Rows, after: Rows) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the rows that are no longer there as they were: each column of before with its value, whatever came."""
    return [
        (table, row)
        for table, rows in before.items()
        if table != BOOKKEEPING
        for row in rows
        if not any(row.items() <= other.items() for other in after.get(table, ()))
    ]


@pytest.mark.parametrize("version", RELEASES)
async def test_a_released_database_is_brought_up_to_date_with_its_rows(
    version: str, database: Database, tmp_path: Path
) -> None:
    await database.load(kept(version, database))
    before = await database.rows()
    assert [table for table, rows in before.items() if not rows] == []  # a table without a row would prove nothing
    store = await open_store(database.url, tmp_path, KEYRING)
    try:
        _, findings = await verify_audit(store.rows, KEYRING)
        assert findings == []
        await store.commit(nonce("new"))
        assert "new" in {row["nonce"] for row in await store.rows(select(nonces.c.nonce))}
    finally:
        await store.close()
    assert missing(before, await database.rows()) == []


@pytest.mark.parametrize("version", RELEASES)
async def test_a_released_schema_becomes_the_one_that_a_new_database_gets(
    version: str, database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # An edited revision would make a new database differ from one that had the revision before it was edited.
    await database.load(kept(version, database))
    await (await open_store(database.url, tmp_path, KEYRING)).close()
    upgraded = await database.schema()
    if isinstance(database, Sqlite):
        assert upgraded == sqlite_schema(tmp_path / "new.db", migration("sqlite", None))
        return
    async with postgres_server.fresh_database(request.getfixturevalue("postgres_server_dsn")) as dsn:
        assert upgraded == await postgres_schema(dsn, migration("postgresql", None))


def test_the_first_released_version_is_kept() -> None:
    assert "0.2.0" in RELEASES


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": [{"x": 1}]}, {"a": [{"x": 1, "y": None}], "b": []}, 0),
        ({"a": [{"x": 1}]}, {"a": [{"x": 2}]}, 1),
        ({"a": [{"x": 1}, {"x": 2}]}, {"a": [{"x": 1}]}, 1),
        ({"a": [{"x": 1}]}, {"a": [{"z": 1}]}, 1),
        ({"a": [{"x": 1}]}, {}, 1),
    ],
)
def test_the_search_for_rows_that_went_finds_them(before: Rows, after: Rows, found: int) -> None:
    assert len(missing(before, after)) == found


@pytest.mark.postgres
async def test_the_next_release_can_be_kept(tmp_path: Path, postgres_server_dsn: str) -> None:
    binaries = postgres_server.find_binaries()
    assert binaries
    async with postgres_server.fresh_database(postgres_server_dsn) as dsn:
        await keep(tmp_path / "kept", dsn, binaries)
    one = Sqlite(tmp_path)
    await one.load((tmp_path / "kept" / "sqlite.sql").read_text(encoding="utf-8"))
    async with postgres_server.fresh_database(postgres_server_dsn) as dsn:
        other = Postgres(dsn)
        await other.load((tmp_path / "kept" / "postgresql.sql").read_text(encoding="utf-8"))
        assert missing(await one.rows(), await other.rows()) == missing(await other.rows(), await one.rows()) == []
