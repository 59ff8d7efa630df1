"""A copy of a PostgreSQL store is of one moment, and comes back into an empty database only."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from router.errors import BadInput, CannotStart, StoreUnavailable
from router.store.base import Transition
from router.store.connect import open_store
from router.store.postgres import snapshot
from router.store.recount import recounted
from router.store.schema.tables import cases, nonces
from router.store.sqlite import snapshot as files
from router.store.sqlite.snapshot import Snapshot
from tests.store.samples import KEYRING, NOW, case, nonce

pytestmark = pytest.mark.postgres


async def test_it_is_of_one_moment_while_others_write(tmp_path: Path, postgres_url: str) -> None:
    store = await open_store(postgres_url, tmp_path, KEYRING)
    done = asyncio.Event()

    async def write() -> None:
        n = 0
        while not done.is_set():
            await store.commit(Transition(NOW, adds=[*nonce(f"{n}").adds, case(f"case-{n}")]))
            n += 1

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.1)
    await snapshot.take(postgres_url, tmp_path / "copy.db")
    done.set()
    await writing
    await store.close()
    taken = Snapshot(tmp_path / "copy.db")
    taken.check()
    both = [len(await taken.rows(select(table))) for table in (nonces, cases)]
    assert both[0] == both[1] > 0
    assert await recounted(taken.rows) == {}
    taken.close()


async def test_who_is_told_to_stop_closes_nothing_that_is_still_written(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread cannot be stopped: as it fills the file, Ctrl-C comes."""
    store = await open_store(postgres_url, tmp_path, KEYRING)
    await store.close()
    begun, go_on, filled, fill = threading.Event(), threading.Event(), threading.Event(), files.fill

    def filling(*given: Any) -> None:
        begun.set()
        assert go_on.wait(20)
        fill(*given)
        filled.set()

    monkeypatch.setattr(files, "fill", filling)
    taking = asyncio.create_task(snapshot.take(postgres_url, tmp_path / "copy.db"))
    assert await asyncio.to_thread(begun.wait, 20)
    taking.cancel()
    asyncio.get_running_loop().call_later(0.05, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert filled.is_set()


async def test_an_old_schema_and_a_server_that_is_away_are_sentences(tmp_path: Path, postgres_dsn: str) -> None:
    with pytest.raises(CannotStart, match="migrate"):
        await snapshot.take(postgres_dsn, tmp_path / "copy.db")
    with pytest.raises(StoreUnavailable):
        await snapshot.take("postgresql://nobody@127.0.0.1:1/none", tmp_path / "copy.db")
    with pytest.raises(CannotStart, match="does not let us in"):
        await snapshot.take(postgres_dsn + "-missing", tmp_path / "copy.db")


async def test_a_restore_that_fails_leaves_an_empty_database(tmp_path: Path, postgres_dsn: str) -> None:
    connection = files.make(tmp_path / "one.db")
    files.fill(connection, nonces, [("nl", "a\0b", NOW)])  # SQLite keeps it, PostgreSQL has no such text
    connection.close()
    files.part(tmp_path / "one.db", tmp_path / "keys.db")
    taken = Snapshot(tmp_path / "one.db", tmp_path / "keys.db")
    with pytest.raises(BadInput, match="value"):
        await snapshot.put(taken, postgres_dsn, ("paused", b"x"))
    taken.close()
    found = await asyncpg.connect(postgres_dsn)
    assert await found.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await found.close()
