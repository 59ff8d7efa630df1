"""The embedded engine keeps every promise of the conformance class, and those of its own file."""

import asyncio
import gc
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest
from sqlalchemy import func, select

from router.errors import StoreLost, StoreUnavailable
from router.store import statements
from router.store.base import Add, LookUp, Remove, Transition
from router.store.checkpoint import verify_audit
from router.store.schema.tables import case_keys, cases, nonces
from router.store.sql_text import Compiler
from router.store.sqlite.connection import dialect
from router.store.sqlite.engine import SqliteEngine
from router.store.writer import Writer
from tests.store.conformance import Conformance
from tests.store.samples import KEYRING, NOW, case, due, nonce


def file_of(store: Writer) -> Path:
    assert isinstance(store._engine, SqliteEngine)
    return store._engine.path


def connection_of(store: Writer) -> apsw.Connection:
    assert isinstance(store._engine, SqliteEngine)
    return store._engine._db


class TestSqlite(Conformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'router.db'}"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'router.db'}"


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """As when the disk is full: writing past the limit fails (Python ignores the signal that comes with it)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def committed_until_refused(store: Writer) -> tuple[list[str], StoreUnavailable]:
    kept: list[str] = []
    for n in range(2000):
        name = f"n{n}"
        try:
            await store.commit(nonce(name, peer="x" * 2000))
        except StoreUnavailable as error:
            return kept, error
        kept.append(name)
    pytest.fail("the disk never got full")


async def names(store: Writer) -> list[str]:
    return [row["nonce"] for row in await store.rows(select(nonces.c.nonce).order_by(nonces.c.peer, nonces.c.until))]


async def test_a_full_disk_answers_and_loses_nothing_and_recovers_by_itself(store: Writer) -> None:
    pages = connection_of(store).pragma("page_count")
    connection_of(store).pragma("max_page_count", pages + 60)  # SQLite's own "disk is full"
    kept, error = await committed_until_refused(store)
    assert (error.reason, error.status, bool(error.retry_after)) == ("disk_full", 503, True)
    assert sorted(await names(store)) == sorted(kept)
    connection_of(store).pragma("max_page_count", 2**31)
    await store.commit(nonce("after"))
    assert sorted(await names(store)) == sorted([*kept, "after"])
    assert (await verify_audit(store.rows, KEYRING))[1] == []


async def test_a_write_the_system_refuses_is_the_same(store: Writer) -> None:
    await store.commit(nonce("before"))
    with no_file_grows_beyond(Path(f"{file_of(store)}-wal").stat().st_size + 300_000):
        kept, error = await committed_until_refused(store)
        assert error.reason in {"io_error", "disk_full"}
        assert sorted(await names(store)) == sorted(["before", *kept])  # reading goes on
    await store.commit(nonce("after"))
    assert sorted(await names(store)) == sorted(["before", "after", *kept])
    assert (await verify_audit(store.rows, KEYRING))[1] == []


async def test_callers_of_a_refused_group_all_hear_of_it(store: Writer) -> None:
    connection_of(store).pragma("max_page_count", connection_of(store).pragma("page_count"))
    big = [nonce(str(n), peer="x" * 5000) for n in range(20)]
    found = await asyncio.gather(*(store.commit(one) for one in big), return_exceptions=True)
    assert {type(one) for one in found} == {StoreUnavailable}
    connection_of(store).pragma("max_page_count", 2**31)


async def test_only_its_owner_can_read_what_is_written(store: Writer) -> None:
    await store.commit(nonce("a"))
    files = list(file_of(store).parent.glob("router.db*"))
    assert {path.name for path in files} == {"router.db", "router.db-wal", "router.db-shm"}
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


async def test_an_erased_key_is_in_no_file_after_the_scrub(store: Writer) -> None:
    wrapped = b"\x01\x01" + b"canary-of-a-wrapped-key!" * 2 + b"0123456789abcdef"
    await store.commit(Transition(NOW, adds=[Add(case_keys, {"case_id": "c", "wrapped": wrapped})]))

    def found() -> int:
        return sum(path.read_bytes().count(wrapped) for path in file_of(store).parent.iterdir())

    assert found() > 0
    await store.commit(Transition(NOW, removes=[Remove(case_keys, {"case_id": "c"})]))
    await store.checkpoint(NOW)
    assert found() == 0


async def test_a_tool_that_reads_all_the_time_holds_up_the_scrub_and_not_the_audit(
    store: Writer, log_restored: None
) -> None:
    """As one that copies the database while it works: the chain is signed, and the journal emptied once it lets go."""
    wrapped = b"canary-of-a-wrapped-key!" * 3
    await store.commit(Transition(NOW, adds=[Add(case_keys, {"case_id": "c", "wrapped": wrapped})]))
    reader = apsw.Connection(str(file_of(store)))
    reader.execute("BEGIN")
    assert list(reader.execute("SELECT count(*) FROM case_keys"))
    event = nonce("erased").events[0]
    erased = Transition(NOW, removes=[Remove(case_keys, {"case_id": "c"})], events=[event])
    await store.commit(erased)
    assert await store.checkpoint(NOW) is True
    reader.execute("COMMIT")
    reader.close()
    await store.checkpoint(NOW)
    assert sum(path.read_bytes().count(wrapped) for path in file_of(store).parent.iterdir()) == 0


async def test_what_is_asked_often_is_found_by_index(store: Writer) -> None:
    wanted = {
        "case_open_url": select(cases.c.id).where(cases.c.url_bidx == b"x", cases.c.state != "closed"),
        "case_due": select(cases.c.id).where(cases.c.rank == 1, cases.c.next_at <= NOW).order_by(cases.c.next_at),
        "case_waiting": select(cases.c.id).where(cases.c.desk_code.is_not(None)).order_by(cases.c.rank),
    }
    claim = due()
    of_partner = replace(claim, where=claim.where & (claim.table.c.partner == "nl"))
    texts = {index: Compiler(dialect()).compile(statement) for index, statement in wanted.items()}
    texts["referral_due"] = Compiler(dialect()).compile(statements.claimable(of_partner))
    for index, (text, values) in texts.items():
        rows = connection_of(store).execute(f"EXPLAIN QUERY PLAN {text}", values)
        steps = " ".join(str(row[-1]) for row in rows)
        assert index in steps, steps
        assert "TEMP B-TREE" not in steps, steps


async def test_a_reader_never_waits_for_the_writer(store: Writer) -> None:
    await store.commit(Transition(NOW, adds=[case("a")]))
    connection_of(store).execute("BEGIN IMMEDIATE")
    try:
        async with asyncio.timeout(15):  # half of what a writer waits
            assert len(await store.rows(select(cases.c.id))) == 1
    finally:
        connection_of(store).execute("ROLLBACK")


async def test_a_watch_that_nobody_waits_on_any_more_leaves_no_error_that_nobody_reads(store: Writer) -> None:
    """As when a worker ends because a claim of its own heard first that the files are gone."""
    engine = store._engine
    assert isinstance(engine, SqliteEngine)
    waiting = asyncio.create_task(engine.changed(engine.mark(), 1.0))
    await asyncio.sleep(0)
    waiting.cancel()
    del waiting
    gone, file = file_of(store).with_name("gone"), file_of(store)
    file.rename(gone)
    while not (engine._watching and engine._watching.done()):  # noqa: ASYNC110 - it tells nobody when it ends
        await asyncio.sleep(0.01)
    with pytest.raises(StoreLost):  # who waits now hears it
        await engine.changed(engine.mark(), 1.0)
    gc.collect()  # PatientLoop fails the test for what it finds unread


async def test_what_is_looked_up_at_one_moment_is_handed_over_once_and_fails_alone(
    store: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = store._engine
    assert isinstance(engine, SqliteEngine)
    submit, handed = engine._reading.submit, list[object]()

    def noted(*work: Any) -> Any:
        handed.append(work)
        return submit(*work)

    monkeypatch.setattr(engine._reading, "submit", noted)
    await store.commit(nonce("a"))
    by_peer, by_name = LookUp(select(nonces), nonces.c.peer), LookUp(select(nonces), nonces.c.nonce)
    broken = LookUp(select(nonces).where(func.no_such_function() == nonces.c.peer), nonces.c.peer)
    asked = (store.look_up(by_peer, ["nl"]), store.look_up(broken, ["nl"]), store.look_up(by_name, ["a"]))
    peers, fault, named = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(fault, ValueError)
    assert not isinstance(peers, BaseException)
    assert not isinstance(named, BaseException)
    assert peers["nl"] == named["a"]
    assert len(handed) == 1


async def test_a_look_up_that_comes_when_the_store_is_closed_is_answered(store: Writer) -> None:
    await store.close()
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(store.look_up(LookUp(select(nonces), nonces.c.peer), ["nl"]), 5)
