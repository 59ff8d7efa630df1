"""A connection is durable and private, and SQLite's errors become ours without its words."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import apsw
import pytest

from router.errors import CannotStart, StoreUnavailable
from router.store.engine import Clash
from router.store.sqlite import connection as sqlite_connection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "below" / "router.db"
    sqlite_connection.make_private(path)
    return path


def test_the_writer_is_durable_and_forgets_what_it_deletes(path: Path) -> None:
    connection = sqlite_connection.connect(path, write=True)
    settings = {
        name: connection.pragma(name) for name in ("journal_mode", "synchronous", "secure_delete", "temp_store")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "temp_store": 2}
    assert connection.pragma("wal_autocheckpoint") == sqlite_connection.AUTOCHECKPOINT_PAGES
    connection.close()


def test_who_starts_together_opens_the_new_file_together(path: Path) -> None:
    """One of them is refused in about one round of ten, so thirty rounds would show it in 19 of 20 runs."""
    together = Barrier(4)

    def start(file: Path) -> None:
        together.wait()
        connection = sqlite_connection.connect(file, write=True)
        connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
        connection.close()

    with ThreadPoolExecutor(4) as starting:
        for n in range(30):
            file = path.with_name(f"{n}.db")
            sqlite_connection.make_private(file)
            list(starting.map(start, [file] * 4))


def test_a_lock_is_looked_for_often_and_not_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite's own timeout sleeps ever longer, past the end of what it waits for."""
    slept: list[float] = []
    now = [100.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(sqlite_connection, "sleep", sleep)
    monkeypatch.setattr(sqlite_connection, "monotonic", lambda: now[0])
    holder, waiter = (sqlite_connection.connect(path, write=True) for _ in range(2))
    sqlite_connection.wait_for_lock(waiter, 0.1)
    holder.execute("BEGIN IMMEDIATE")
    for _ in range(2):  # each wait has all its time
        slept.clear()
        with pytest.raises(apsw.BusyError):
            waiter.execute("BEGIN IMMEDIATE")
        assert set(slept) == {sqlite_connection.LOOK_SECONDS}
        assert sum(slept) == pytest.approx(0.1)
    slept.clear()
    holder.execute("COMMIT")
    waiter.execute("BEGIN IMMEDIATE")
    assert slept == []
    for connection in (waiter, holder):
        connection.close()


def test_a_reader_cannot_write(path: Path) -> None:
    sqlite_connection.connect(path, write=True).close()
    reader = sqlite_connection.connect(path, write=False)
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("CREATE TABLE t (x)")
    reader.close()


def test_the_watch_is_told_of_each_commit_and_cannot_write(path: Path) -> None:
    writer, watch = sqlite_connection.connect(path, write=True), sqlite_connection.connect_watch(path)
    seen = [watch.pragma("data_version")]
    for statement in ("CREATE TABLE t (x)", "INSERT INTO t VALUES (1)", "DROP TABLE t"):
        writer.execute(statement)
        seen.append(watch.pragma("data_version"))
    assert len(set(seen)) == len(seen)
    with pytest.raises(apsw.ReadOnlyError):
        watch.execute("CREATE TABLE t (x)")
    for connection in (watch, writer):
        connection.close()


def test_the_file_is_its_owners_before_sqlite_opens_it(path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("version", "fine"), [("3.51.2", False), ("3.40.1", False), ("3.51.3", True), ("3.100.0", True)]
)
def test_a_sqlite_that_can_corrupt_is_refused(monkeypatch: pytest.MonkeyPatch, version: str, fine: bool) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)
    if fine:
        sqlite_connection.check_version()
        return
    with pytest.raises(CannotStart, match=version):
        sqlite_connection.check_version()


def test_a_file_that_is_no_database_is_named_as_damaged(path: Path) -> None:
    path.write_bytes(b"this is not a database, but long enough to be looked at as one" * 100)
    with pytest.raises(StoreUnavailable) as caught:
        sqlite_connection.connect(path, write=True)
    assert caught.value.reason == "damaged"


def refused(statement: str) -> Exception:
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE, n NOT NULL, CONSTRAINT small CHECK (n < 10))")
    connection.execute("INSERT INTO t VALUES (1, 'secret', 1)")
    with pytest.raises(apsw.Error) as caught:
        connection.execute(statement)
    return sqlite_connection.translated(caught.value)


@pytest.mark.parametrize("statement", ["INSERT INTO t VALUES (2, 'secret', 1)", "INSERT INTO t VALUES (1, 'other', 1)"])
def test_a_unique_rule_is_a_clash(statement: str) -> None:
    assert isinstance(refused(statement), Clash)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [("INSERT INTO t VALUES (2, 'x', 99)", "small"), ("INSERT INTO t VALUES (2, 'x', NULL)", "t.n")],
)
def test_any_other_rule_is_a_fault_of_ours_that_names_it(statement: str, rule: str) -> None:
    error = refused(statement)
    assert isinstance(error, ValueError)
    assert rule in str(error)


def test_no_word_of_sqlite_passes() -> None:
    error = refused("SELECT secret FROM nowhere")
    assert "secret" not in str(error)
    assert "nowhere" not in str(error)


@pytest.mark.parametrize("kind", [apsw.FullError, apsw.IOError, apsw.BusyError, apsw.CorruptError, apsw.CantOpenError])
def test_what_may_pass_is_unavailable_with_a_time_to_try_again(kind: type[apsw.Error]) -> None:
    error = sqlite_connection.translated(kind("secret"))
    assert isinstance(error, StoreUnavailable)
    assert error.retry_after
    assert "secret" not in str(error)
