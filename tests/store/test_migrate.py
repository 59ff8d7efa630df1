"""The revisions make exactly the tables of `tables`, on both engines, once, whoever starts first."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select

from router.errors import CannotStart
from router.store.base import Add, Transition
from router.store.connect import engine_of, open_store
from router.store.migrate import SCRIPTS, _Statements, check_known, migration, newest
from router.store.schema.tables import cases, figure_marks, metadata, nonces, tokens
from router.store.writer import Writer
from tests import postgres_server
from tests.store.conftest import Run
from tests.store.described import DIALECTS, postgres_schema, sqlite_schema, statements_of_tables
from tests.store.samples import KEYRING, NOW, case, nonce

ADD_A_REVISION = "add a revision to router/store/migrations/versions; what is released is never edited"


def test_the_revisions_make_the_tables_on_sqlite(tmp_path: Path) -> None:
    migrated = sqlite_schema(tmp_path / "migrated.db", migration("sqlite", None))
    assert migrated == sqlite_schema(tmp_path / "tables.db", statements_of_tables("sqlite")), ADD_A_REVISION
    assert {name.split(".")[0] for name in migrated if "." in name} == set(metadata.tables)


@pytest.mark.postgres
async def test_the_revisions_make_the_tables_on_postgresql(postgres_dsn: str, postgres_server_dsn: str) -> None:
    migrated = await postgres_schema(postgres_dsn, migration("postgresql", None))
    async with postgres_server.fresh_database(postgres_server_dsn) as other:
        made = await postgres_schema(other, statements_of_tables("postgresql"))
    assert migrated == made, ADD_A_REVISION
    assert {name.split(".")[0] for name in migrated if "." in name} >= set(metadata.tables)


@pytest.mark.parametrize("dialect", DIALECTS)
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


def statements_of(revision: str, dialect: str) -> list[str]:
    """What one revision does."""
    found, script = _Statements(), SCRIPTS.get_revision(revision)
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True, "output_buffer": found})
    with Operations.context(context):
        script.module.upgrade()
    return list(found)


async def test_what_else_was_asked_before_is_found_by_its_code(store: Writer, url: str, run: Run) -> None:
    more = [{"code": code, "text": "a, b", "since": 1, "due": 2, "about": None} for code in ("look", "withdraw")]
    on_desk = {"state": "desk", "desk_code": "refused", "desk_since": 1, "desk_due": 2, "next_at": None}
    rows = [case("several", **on_desk, desk_more=json.dumps(more)), case("one", url_bidx=b"2", **on_desk)]
    await store.commit(Transition(NOW, adds=rows))
    for statement in statements_of("0038", urlsplit(url).scheme):
        if statement.startswith("UPDATE cases"):
            await run(statement)
    found = {row["id"]: row["desk_also"] for row in await store.rows(select(cases))}
    assert found == {"several": ",look,withdraw,", "one": None}


async def test_labels_of_before_the_policy_listed_any_name_nothing(store: Writer, url: str, run: Run) -> None:
    said = (("a", "label", "ucs:jan"), ("a", "label", "x:A1"), ("a", "label", "other"), ("b", "label", "jan:A1"))
    rows = [
        Add(figure_marks, {"item_id": item, "what": what, "value": value, "case_id": f"c{item}"})
        for item, what, value in (*said, ("b", "age", "infant"))
    ]
    await store.commit(Transition(NOW, adds=rows))
    for statement in statements_of("0045", urlsplit(url).scheme):
        await run(statement)
    left = sorted((row["item_id"], row["what"], row["value"]) for row in await store.rows(select(figure_marks)))
    assert left == [("a", "label", "other"), ("b", "age", "infant"), ("b", "label", "other")]


async def test_sources_tokens_of_before_no_longer_look_hosts_up(store: Writer, url: str, run: Run) -> None:
    row = {"kind": "api", "name": "x", "created_at": 1, "account_id": None, "source": None}
    given = {"a": "locate report:assess report:submit", "b": "locate", "c": "report:read", "person": "case:read locate"}
    rows = [
        {
            **row,
            "id": name,
            "digest": name.encode(),
            "scopes": scopes,
            ("account_id" if name == "person" else "source"): "x",
        }
        for name, scopes in given.items()
    ]
    await store.commit(Transition(NOW, adds=[Add(tokens, one) for one in rows]))
    for statement in statements_of("0007", urlsplit(url).scheme):
        await run(statement)
    found = {row["id"]: row["scopes"].split() for row in await store.rows(select(tokens))}
    assert found == {
        "a": ["report:assess", "report:submit"], "b": [], "c": ["report:read"], "person": ["case:read", "locate"],
    }  # fmt: skip
