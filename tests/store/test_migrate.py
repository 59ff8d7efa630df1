"""The revisions make exactly the tables of `tables`, on both engines, once, whoever starts first."""

import asyncio
from pathlib import Path
from typing import Any

import apsw
import asyncpg
import pytest
from sqlalchemy import select

from router.errors import CannotStart
from router.store.connect import engine_of, open_store
from router.store.migrate import _Statements, check_known, migration, newest
from router.store.migrations import draft
from router.store.schema.tables import metadata, nonces
from tests import postgres_server
from tests.store.samples import KEYRING, nonce

MAKE_AGAIN = "run `python -m router.store.migrations.draft` (before the first release), or add a revision"
BOOKKEEPING = "alembic_version"


def sqlite_schema(path: Path, statements: list[str]) -> dict[str, str]:
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {str(name): " ".join(str(sql).split()) for name, sql in rows if name != BOOKKEEPING}


#: Columns, rules and indexes as PostgreSQL itself describes them.
POSTGRES_SCHEMA = """
    SELECT table_name || '.' || column_name, concat_ws(' ', data_type, is_nullable, column_default)
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT conrelid::regclass || '/' || conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
"""


async def postgres_schema(dsn: str, statements: list[str]) -> dict[str, str]:
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    rows = await connection.fetch(POSTGRES_SCHEMA)
    await connection.close()
    return {name: text for name, text in rows if not name.startswith(BOOKKEEPING)}


def test_the_revisions_make_the_tables_on_sqlite(tmp_path: Path) -> None:
    migrated = sqlite_schema(tmp_path / "migrated.db", migration("sqlite", None))
    assert migrated == sqlite_schema(tmp_path / "tables.db", draft.statements(draft.DIALECTS["sqlite"])), MAKE_AGAIN
    assert set(metadata.tables) <= set(migrated)


@pytest.mark.postgres
async def test_the_revisions_make_the_tables_on_postgresql(postgres_dsn: str, postgres_server_dsn: str) -> None:
    migrated = await postgres_schema(postgres_dsn, migration("postgresql", None))
    async with postgres_server.fresh_database(postgres_server_dsn) as other:
        made = await postgres_schema(other, draft.statements(draft.DIALECTS["postgresql"]))
    assert migrated == made, MAKE_AGAIN
    assert {name.split(".")[0] for name in migrated if "." in name} >= set(metadata.tables)


@pytest.mark.parametrize("dialect", draft.DIALECTS)
def test_the_first_snapshot_is_the_one_of_the_tables(dialect: str) -> None:
    kept = (draft.FOLDER / f"0001_first.{dialect}.sql").read_text(encoding="utf-8")
    assert kept == draft.snapshot(dialect), MAKE_AGAIN


@pytest.mark.parametrize("dialect", draft.DIALECTS)
def test_nothing_is_left_to_do_at_the_newest_revision(dialect: str) -> None:
    assert migration(dialect, newest()) == []


def test_a_revision_from_the_future_is_named_in_one_sentence() -> None:
    with pytest.raises(CannotStart, match=r"^[^.]*newer than this program[^.]*\.$"):
        check_known("9999")
    with pytest.raises(CannotStart):
        migration("sqlite", "9999")
    check_known(newest())
    check_known(None)


async def test_opening_twice_changes_nothing_and_keeps_the_rows(url: str, tmp_path: Path) -> None:
    for _ in range(2):
        store = await open_store(url, tmp_path, KEYRING)
        if not await store.rows(select(nonces)):
            await store.commit(nonce("a"))
        await store.close()
    store = await open_store(url, tmp_path, KEYRING, upgrade=False)
    assert len(await store.rows(select(nonces))) == 1
    await store.close()


async def test_starting_together_makes_the_schema_once(tmp_path: Path) -> None:
    stores = await asyncio.gather(*(open_store(None, tmp_path, KEYRING) for _ in range(4)))
    await asyncio.gather(*(store.commit(nonce(str(n))) for n, store in enumerate(stores)))
    assert len(await stores[0].rows(select(nonces))) == 4
    for store in stores:
        await store.close()


@pytest.mark.postgres
async def test_starting_together_makes_the_schema_once_on_postgresql(postgres_dsn: str, tmp_path: Path) -> None:
    stores = await asyncio.gather(*(open_store(postgres_dsn, tmp_path, KEYRING) for _ in range(3)))
    await asyncio.gather(*(store.commit(nonce(str(n))) for n, store in enumerate(stores)))
    assert len(await stores[0].rows(select(nonces))) == 3
    for store in stores:
        await store.close()


async def test_a_migration_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    engine = engine_of(None, tmp_path)
    await engine.open()

    def broken(*_: Any) -> list[str]:
        return ["CREATE TABLE half (way INTEGER)", "CREATE NONSENSE"]

    with pytest.raises(ValueError, match="refuses"):
        await engine.migrate(broken)
    assert await engine.revision() is None
    await engine.migrate(lambda *_: ["CREATE TABLE half (way INTEGER)"])
    await engine.close()


def test_what_alembic_prints_becomes_statements_without_its_comments() -> None:
    found = _Statements()
    for printed in (
        "-- Running upgrade\n\n",
        "CREATE TABLE a (\n  b TEXT -- kept within a line\n);\n\n",
        "\n",
        "COMMIT;\n",
    ):
        found.write(printed)
    found.flush()
    assert found == ["CREATE TABLE a (\n  b TEXT -- kept within a line\n)", "COMMIT"]
