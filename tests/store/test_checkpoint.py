"""Checkpoints sign what grew, once; the whole chain reads back, and tampering in the database is found."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from router.guard.anchor import Anchors
from router.guard.audit import ChainEntry
from router.guard.verify import Anchor, Fault
from router.store.checkpoint import APART, verify_audit, write_checkpoint
from router.store.schema.tables import audit, checkpoints
from router.store.writer import Writer
from tests.store.conftest import Opened, Run
from tests.store.samples import KEYRING, NOW, nonce


async def signed(store: Writer) -> int:
    return int((await store.rows(select(func.count().label("n")).select_from(checkpoints)))[0]["n"])


async def faults(store: Writer, anchor: Anchor | None = None) -> list[Fault]:
    return [finding.fault for finding in (await verify_audit(store.rows, KEYRING, anchor))[1]]


async def filled(store: Writer, count: int = 6) -> Writer:
    for n in range(count):
        await store.commit(nonce(str(n)))
    assert await store.checkpoint(NOW)
    return store


async def test_a_checkpoint_is_written_when_something_is_new_and_a_minute_passed(store: Writer) -> None:
    assert not await store.checkpoint(NOW)  # nothing to sign
    await store.commit(nonce("a"))
    assert await store.checkpoint(NOW)
    await store.commit(nonce("b"))
    assert not await store.checkpoint(NOW + APART - 1)  # too early
    assert await store.checkpoint(NOW + APART)
    assert not await store.checkpoint(NOW + 3 * APART)  # nothing new
    assert await signed(store) == 2
    assert await faults(store) == []


async def test_a_clean_stop_signs_all(opened: Opened) -> None:
    first = await opened()
    await filled(first)
    await first.commit(nonce("after"))
    await first.close()
    second = await opened()
    verifier, findings = await verify_audit(second.rows, KEYRING)
    assert (verifier.entries, verifier.unsigned, findings) == (7, 0, [])


async def test_one_checkpoint_joins_the_epochs_of_all_writers(opened: Opened) -> None:
    stores = [await opened() for _ in range(3)]
    for n, store in enumerate(stores):
        await store.commit(nonce(str(n)))
    assert await stores[0].checkpoint(NOW)
    (row,) = await stores[1].rows(select(checkpoints))
    assert row["heads"].count("[1,") == 3
    assert await faults(stores[2]) == []


async def test_of_two_that_sign_at_once_one_does(opened: Opened) -> None:
    one, two = await opened(), await opened()
    await one.commit(nonce("a"))
    both = (write_checkpoint(store.rows, store.commit, KEYRING, NOW) for store in (one, two))
    assert sorted(await asyncio.gather(*both)) in ([False, True], [True])
    assert await signed(one) == 1
    assert await faults(one) == []


async def test_verification_reads_in_pages(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.store.checkpoint.PAGE", 4)
    await filled(store, 11)
    verifier, findings = await verify_audit(store.rows, KEYRING)
    assert (verifier.entries, verifier.checkpoints, findings) == (11, 1, [])


@pytest.mark.parametrize("name", [name for name in ChainEntry._fields if name not in {"epoch", "seq"}])
async def test_a_column_changed_in_the_database_is_found(store: Writer, run: Run, name: str) -> None:
    await filled(store)
    column = audit.c[name]
    value = "at + 1" if name == "at" else "CAST('x' AS BYTEA)" if name == "sealed" else "'x'"
    await run(f"UPDATE audit SET {column.name} = {value} WHERE seq = 3")  # noqa: S608 - our own names
    assert await faults(store) == [Fault.CHANGED]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM audit WHERE seq = 2", Fault.GAP),
        ("DELETE FROM audit WHERE seq > 4", Fault.CUT),
        ("DELETE FROM audit", Fault.CUT),
        ("UPDATE audit SET epoch = 'x'", Fault.CUT),
        ("UPDATE checkpoints SET heads = '{}'", Fault.FORGED),
        ("UPDATE checkpoints SET at = at + 1", Fault.FORGED),
        ("UPDATE checkpoints SET number = 2", Fault.GAP),
    ],
)
async def test_what_was_cut_or_forged_in_the_database_is_found(
    store: Writer, run: Run, statement: str, fault: Fault
) -> None:
    await filled(store)
    await run(statement)
    assert fault in await faults(store)


async def test_a_cut_with_its_checkpoints_shows_against_an_anchor(store: Writer, run: Run) -> None:
    await filled(store)
    (row,) = await store.rows(select(checkpoints))
    anchor = Anchor(row["number"], row["root"])
    assert await faults(store, anchor) == []
    await run("DELETE FROM checkpoints")
    await run("DELETE FROM audit WHERE seq > 2")
    assert await faults(store) == []
    assert await faults(store, anchor) == [Fault.CUT]


async def test_checkpoints_that_were_taken_away_show_by_what_the_database_notes_of_itself(
    store: Writer, run: Run
) -> None:
    await filled(store)
    assert (await verify_audit(store.rows, KEYRING, now=NOW))[1] == []
    await run("DELETE FROM checkpoints")
    assert [one.fault for one in (await verify_audit(store.rows, KEYRING, now=NOW))[1]] == [Fault.CUT]


async def test_the_newest_root_is_kept_and_a_lost_one_is_noted(store: Writer, run: Run, tmp_path: Path) -> None:
    anchors = Anchors(tmp_path / "audit.anchor", "us")

    async def sign(at: int) -> bool:
        return await write_checkpoint(store.rows, store.commit, KEYRING, at, anchors=anchors)

    for n in range(3):
        await store.commit(nonce(str(n)))
        assert await sign(NOW + n * APART)
    kept = anchors.newest()
    assert kept is not None
    assert (kept.number, anchors.lost()) == (3, [])
    await run("DELETE FROM checkpoints WHERE number = 3")
    assert not await sign(NOW + 9 * APART)  # nothing new
    assert anchors.lost() == [kept]
    assert [one.fault for one in (await verify_audit(store.rows, KEYRING, anchors=anchors.all()))[1]] == [Fault.CUT]


async def test_of_two_that_sign_at_once_none_takes_the_other_s_for_lost(opened: Opened, tmp_path: Path) -> None:
    stores, anchors = [await opened(), await opened()], Anchors(tmp_path / "audit.anchor", "us")

    async def sign(store: Writer, turn: int) -> None:
        await store.commit(nonce(f"{id(store)}-{turn}"))
        await write_checkpoint(store.rows, store.commit, KEYRING, NOW + turn * APART, apart=0, anchors=anchors)

    for turn in range(15):
        await asyncio.gather(*(sign(store, turn) for store in stores))
    newest = anchors.newest()
    assert newest is not None
    assert (newest.number, anchors.lost()) == (await signed(stores[0]), [])
