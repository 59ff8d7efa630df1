"""What is taken is on disk under its name: a database that was removed or replaced takes nothing more, and says so."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from router.errors import StoreLost, StoreUnavailable
from router.store.connect import open_store
from router.store.schema.audit import meta
from router.store.schema.tables import nonces
from router.store.sqlite import files
from router.store.sqlite.files import Files
from router.store.writer import Writer
from tests.store.samples import KEYRING, nonce

SUFFIXES = ("", "-wal", "-shm")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Writer]:
    made = await open_store(None, tmp_path, KEYRING)
    yield made
    await made.close()


def replaced(path: Path) -> None:
    """Another file under the name, as an editor, a restore or a sync makes it."""
    beside = path.with_name("beside")
    shutil.copy(path, beside)
    beside.replace(path)


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


HARMS = {"removed": Path.unlink, "moved": moved, "replaced": replaced}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("harm", HARMS)
async def test_nothing_is_acknowledged_once_a_file_is_not_the_one_that_is_open(
    store: Writer, tmp_path: Path, harm: str, suffix: str
) -> None:
    await store.commit(nonce("before"))
    await store.ready()
    HARMS[harm](tmp_path / f"router.db{suffix}")
    reason = "file_replaced" if harm == "replaced" else "file_removed"
    for act in (lambda: store.commit(nonce("after")), store.ready, lambda: store.wait_for_work(5, store.mark())):
        with pytest.raises(StoreLost) as caught:
            await act()
        assert (caught.value.reason, caught.value.status, bool(caught.value.retry_after)) == (reason, 503, True)
        assert "start again" in caught.value.message


async def test_who_lost_it_goes_on_refusing_when_a_file_comes_back(store: Writer, tmp_path: Path) -> None:
    """Somebody may have made another one under the name meanwhile, and written to the same journal."""
    kept = (tmp_path / "router.db").rename(tmp_path / "kept")
    with pytest.raises(StoreLost):
        await store.commit(nonce("a"))
    kept.rename(tmp_path / "router.db")
    with pytest.raises(StoreLost):
        await store.commit(nonce("b"))


async def test_a_commit_that_saw_the_file_go_is_not_acknowledged(
    store: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file goes while the transaction is open: what it wrote went with the file."""
    run = store._engine._run  # type: ignore[attr-defined] # of the embedded engine

    def slow(planned: Any) -> Any:
        done = run(planned)
        (tmp_path / "router.db").unlink(missing_ok=True)
        return done

    monkeypatch.setattr(store._engine, "_run", slow)
    with pytest.raises(StoreLost):
        await store.commit(nonce("a"))


async def test_a_journal_that_was_removed_is_written_back_at_the_end(tmp_path: Path) -> None:
    """All that was acknowledged is in the file that we hold open; without this it went with the last process."""
    store = await open_store(None, tmp_path, KEYRING)
    for n in range(20):
        await store.commit(nonce(f"n{n}"))
    (tmp_path / "router.db-wal").unlink()
    with pytest.raises(StoreLost):
        await store.commit(nonce("late"))
    await store.close()
    store = await open_store(None, tmp_path, KEYRING)
    found = {row["nonce"] for row in await store.rows(select(nonces.c.nonce))}
    await store.close()
    assert found == {f"n{n}" for n in range(20)}


async def test_who_lost_its_files_harms_those_that_were_put_in_their_place(tmp_path: Path) -> None:
    """The last one to close removes the journal by its name, which is another database's by now."""
    other = tmp_path / "other"
    kept = await open_store(None, other, KEYRING)
    await kept.commit(nonce("theirs"))
    store = await open_store(None, tmp_path, KEYRING)
    await store.commit(nonce("ours"))
    for suffix in SUFFIXES:
        shutil.copy(other / f"router.db{suffix}", tmp_path / "beside")
        (tmp_path / "beside").replace(tmp_path / f"router.db{suffix}")
    before = (tmp_path / "router.db-wal").read_bytes()
    await store.close()
    assert (tmp_path / "router.db-wal").read_bytes() == before
    await kept.close()
    store = await open_store(None, tmp_path, KEYRING)
    found = [row["nonce"] for row in await store.rows(select(nonces.c.nonce))]
    await store.close()
    assert found == ["theirs"]


async def test_two_processes_watch_the_same_files(store: Writer, tmp_path: Path) -> None:
    other = await open_store(None, tmp_path, KEYRING)
    await other.commit(nonce("a"))
    await other.close()  # the last one alone removes the journal
    await store.commit(nonce("b"))
    await store.ready()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SUFFIXES), min_size=1, max_size=3), st.sampled_from(sorted(HARMS)))
def test_any_harm_to_any_of_the_files_is_seen(tmp_path: Path, suffixes: list[str], harm: str) -> None:
    path = tmp_path / "x.db"
    for suffix in SUFFIXES:
        Path(f"{path}{suffix}").write_bytes(b"x")
    watched = Files(path)
    watched.remember()
    watched.check()
    for suffix in set(suffixes):
        HARMS[harm](Path(f"{path}{suffix}"))
    with pytest.raises(StoreLost):
        watched.check()
    assert watched.can_be_saved == ("" not in suffixes and harm != "replaced")


@pytest.mark.parametrize(
    ("disk", "reason"),
    [
        ({"f_flag": os.ST_RDONLY}, "read_only"),
        ({"f_bavail": 15, "f_frsize": 1 << 20}, "disk_full"),
        ({"f_bavail": 0}, "disk_full"),
    ],
)
async def test_a_disk_that_takes_nothing_more_is_not_ready(
    store: Writer, monkeypatch: pytest.MonkeyPatch, disk: dict[str, int], reason: str
) -> None:
    given_disk = SimpleNamespace(**{"f_flag": 0, "f_bavail": 1 << 20, "f_frsize": 4096} | disk)
    await store.ready()
    monkeypatch.setattr(files.os, "statvfs", lambda _: given_disk)
    with pytest.raises(StoreUnavailable) as caught:
        await store.ready()
    assert (caught.value.reason, bool(caught.value.retry_after)) == (reason, True)
    monkeypatch.undo()
    await store.ready()


async def test_a_full_disk_that_only_a_write_meets_is_not_ready(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quota, a limit of the process, a lock: the disk says that there is room."""
    monkeypatch.setattr("router.store.writer.PROOF_SECONDS", 0.0)
    await store.ready()

    def full(*_: Any) -> Any:
        raise apsw.FullError

    monkeypatch.setattr(store._engine, "_run", full)
    with pytest.raises(StoreUnavailable) as caught:
        await store.ready()
    assert caught.value.reason == "disk_full"
    monkeypatch.undo()
    await store.ready()


async def test_the_journal_stays_small_however_much_is_written(store: Writer, tmp_path: Path) -> None:
    """It is written back from 20,000 pages (80 MB) on, and cut to 128 MiB after a burst."""
    pragma = store._engine._db.pragma  # type: ignore[attr-defined] # of the embedded engine
    assert (pragma("wal_autocheckpoint"), pragma("journal_size_limit")) == (20_000, 128 * 1024 * 1024)
    pragma("wal_autocheckpoint", 50)
    journal = tmp_path / "router.db-wal"
    tables_made = journal.stat().st_size
    for n in range(400):
        await store.commit(nonce(f"n{n}", peer="x" * 2000))
    assert journal.stat().st_size - tables_made < 4096 * 50 * 4


async def test_after_a_refusal_it_is_ready_only_once_something_of_a_reports_size_fits(store: Writer) -> None:
    """A small row still finds its place in a journal that has no room for a report."""
    db = store._engine._db  # type: ignore[attr-defined] # of the embedded engine
    db.pragma("max_page_count", db.pragma("page_count") + 20)
    with pytest.raises(StoreUnavailable):
        await store.commit(nonce("big", peer="x" * 500_000))
    await store.commit(nonce("small"))
    with pytest.raises(StoreUnavailable) as caught:
        await store.ready()
    assert caught.value.reason == "disk_full"
    db.pragma("max_page_count", 2**31)
    await store.ready()
    await store.ready()
    assert [row["name"] for row in await store.rows(select(meta.c.name))] == ["master_check"]


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
async def test_a_journal_that_is_somebody_else_s_is_left_where_it_is(tmp_path: Path, suffix: str) -> None:
    """The database stands, so SQLite alone would write its own journal back and remove theirs by its name."""
    store = await open_store(None, tmp_path, KEYRING)
    await store.commit(nonce("ours"))
    (tmp_path / "beside").write_bytes(b"theirs")
    (tmp_path / "beside").replace(tmp_path / f"router.db{suffix}")
    await store.close()
    assert (tmp_path / f"router.db{suffix}").read_bytes() == b"theirs"
