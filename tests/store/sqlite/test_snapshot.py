"""A copy of a SQLite store is of one moment, whole, and holds nothing that was removed; its keys leave no trace."""

import asyncio
from pathlib import Path

import apsw
import pytest
from sqlalchemy import select

from router.errors import BadInput
from router.store.base import Add, Remove, Transition
from router.store.connect import open_store
from router.store.schema.tables import case_keys, nonces
from router.store.sqlite import snapshot
from tests.store.samples import KEYRING, NOW, nonce


async def test_it_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    """A writer adds pairs; whatever moment a copy is of, it never holds half of one."""
    store = await open_store(None, tmp_path, KEYRING)
    copies = [tmp_path / f"copy-{n}.db" for n in range(3)]
    done = asyncio.Event()

    async def write() -> int:
        n = 0
        while not done.is_set():
            adds = [*nonce(f"{n}-a").adds, *nonce(f"{n}-b").adds]
            await store.commit(Transition(NOW, adds=adds))
            n += 1
        return n

    writing = asyncio.create_task(write())
    for copy in copies:
        await asyncio.to_thread(snapshot.take, tmp_path / "router.db", copy)
    done.set()
    written = await writing
    await store.close()
    counts = []
    for copy in copies:
        taken = snapshot.Snapshot(copy)
        taken.check()
        counts.append(len(await taken.rows(select(nonces.c.nonce))))
        taken.close()
    assert [count % 2 for count in counts] == [0, 0, 0]
    assert counts == sorted(counts)
    assert counts[-1] <= 2 * written


async def test_what_was_removed_is_not_in_it_and_keys_leave_no_trace(tmp_path: Path) -> None:
    store = await open_store(None, tmp_path, KEYRING)
    rows = [{"case_id": f"case-{n}", "wrapped": bytes([n]) * 60} for n in range(1, 200)]
    await store.commit(Transition(NOW, adds=[Add(case_keys, row) for row in rows]))
    await store.commit(Transition(NOW, removes=[Remove(case_keys, {"case_id": "case-7"})]))
    copy, keys = tmp_path / "copy.db", tmp_path / "keys.db"
    snapshot.take(tmp_path / "router.db", copy)
    assert bytes([7]) * 60 not in copy.read_bytes()
    assert bytes([8]) * 60 in copy.read_bytes()
    snapshot.part(copy, keys)
    assert [n for n in range(1, 200) if bytes([n]) * 60 in copy.read_bytes()] == []
    taken = snapshot.Snapshot(copy, keys)
    assert (taken.key_of("case-8"), taken.key_of("case-7")) == (bytes([8]) * 60, None)
    assert sum(len(batch) for batch in taken.batches(case_keys)) == 198
    taken.close()
    snapshot.join(copy, keys)
    whole = snapshot.Snapshot(copy)
    assert len(await whole.rows(select(case_keys))) == 198
    whole.close()
    await store.close()


async def test_what_is_no_store_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"not a database at all" * 400)
    with pytest.raises(BadInput, match="damaged"):
        snapshot.Snapshot(tmp_path / "no.db").check()
    made = snapshot.make(tmp_path / "one.db")
    made.close()
    content = bytearray((tmp_path / "one.db").read_bytes())
    content[8192:12288] = bytes(4096)
    (tmp_path / "one.db").write_bytes(content)
    with pytest.raises(BadInput, match="damaged"):
        snapshot.Snapshot(tmp_path / "one.db").check()
    with pytest.raises(BadInput, match="damaged"):
        snapshot.Snapshot(tmp_path / "missing.db")


def test_a_batch_ends_where_the_next_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "ROWS", 3)
    connection: apsw.Connection = snapshot.make(tmp_path / "one.db")
    snapshot.fill(connection, nonces, [("nl", f"{n}", NOW) for n in range(7)])
    connection.close()
    taken = snapshot.Snapshot(tmp_path / "one.db")
    found = list(taken.batches(nonces))
    taken.close()
    assert [len(batch) for batch in found] == [3, 3, 1]
    assert sorted(row[1] for batch in found for row in batch) == [str(n) for n in range(7)]
