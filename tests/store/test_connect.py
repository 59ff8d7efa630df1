"""A URL opens the store it names; a wrong key, a newer schema, an unsafe server are each one sentence."""

from pathlib import Path

import pytest
from sqlalchemy import select

from router.errors import CannotStart, StoreUnavailable
from router.guard.seal import Keyring
from router.store.connect import DEFAULT_FILE, engine_of, is_made, open_store
from router.store.postgres.engine import PostgresEngine
from router.store.schema.audit import meta
from router.store.sqlite import connection as sqlite_connection
from router.store.sqlite.engine import SqliteEngine
from tests.store.conftest import Opened, Run
from tests.store.samples import KEYRING


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (None, f"/data/{DEFAULT_FILE}"),
        ("sqlite:///other.db", "/data/other.db"),
        ("sqlite:////var/lib/router/a%20b.db", "/var/lib/router/a b.db"),
    ],
)
def test_a_sqlite_url_names_a_file_of_the_data_directory_or_any(url: str | None, path: str) -> None:
    engine = engine_of(url, Path("/data"))
    assert isinstance(engine, SqliteEngine)
    assert engine.path == Path(path)


@pytest.mark.parametrize("url", ["postgresql://u@h/d", "postgres://u@h/d"])
def test_a_postgresql_url_names_a_server(url: str) -> None:
    assert isinstance(engine_of(url, Path()), PostgresEngine)


@pytest.mark.parametrize("url", ["mysql://h/d", "router.db", "http://h/", ":"])
def test_anything_else_cannot_start(url: str) -> None:
    with pytest.raises(CannotStart, match="sqlite:///path") as caught:
        engine_of(url, Path())
    assert caught.value.field == "database"


async def test_the_wrong_master_key_cannot_start(opened: Opened, url: str, tmp_path: Path) -> None:
    await opened()
    with pytest.raises(CannotStart, match="master key") as caught:
        await open_store(url, tmp_path, Keyring.open(b"x" * 32))
    assert caught.value.exit_code == 3
    await (await open_store(url, tmp_path, Keyring.open(b"x" * 32, b"m" * 32))).close()  # during a rotation


async def test_a_new_database_takes_the_master_key_on(opened: Opened) -> None:
    (row,) = await (await opened()).rows(select(meta))
    assert KEYRING.accepts(row["value"])


async def test_a_database_is_made_once_a_key_has_marked_it(opened: Opened, url: str, tmp_path: Path, run: Run) -> None:
    await (await opened()).close()
    assert await is_made(url, tmp_path)
    await run("DELETE FROM meta")
    assert not await is_made(url, tmp_path)
    assert not await is_made(None, tmp_path)  # a file that is not there
    await run("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotStart, match="newer than this program"):
        await is_made(url, tmp_path)


async def test_a_newer_schema_cannot_start(opened: Opened, url: str, tmp_path: Path, run: Run) -> None:
    await (await opened()).close()
    await run("UPDATE alembic_version SET version_num = '9999'")
    for upgrade in (True, False):
        with pytest.raises(CannotStart, match="newer than this program"):
            await open_store(url, tmp_path, KEYRING, upgrade=upgrade)


async def test_without_upgrading_an_empty_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="`migrate`"):
        await open_store(None, tmp_path, KEYRING, upgrade=False)


async def test_a_server_that_is_not_there_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await open_store("postgresql://u@127.0.0.1:1/d", tmp_path, KEYRING)
    assert caught.value.retry_after


async def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="make its folder"):
        await open_store(None, tmp_path / "file" / "below", KEYRING)


async def test_ready_is_who_takes_a_row_and_leaves_none(opened: Opened) -> None:
    store = await opened()
    before = await store.rows(select(meta))
    store._proved = 0.0  # as if nobody had written for long
    await store.ready()
    store._refused = True  # as after a disk that was full
    await store.ready()
    assert not store._refused
    assert await store.rows(select(meta)) == before


async def test_one_of_this_schema_is_opened_while_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await (await open_store(None, tmp_path, KEYRING)).close()
    writing = sqlite_connection.connect(tmp_path / DEFAULT_FILE, write=True)
    writing.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(sqlite_connection, "BUSY_SECONDS", 0.0)
    await (await open_store(None, tmp_path, KEYRING)).close()
    writing.close()
