"""What goes into the ledger of each commit: before what leaves and is erased, after what was, on both engines."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from router.errors import StoreUnavailable
from router.guard.anchor import Anchors
from router.guard.ledger import Entry, Kind, erasures, read, recalls
from router.store.base import Add, Change, Event, Remove, Transition
from router.store.connect import open_store
from router.store.for_ledger import ForLedger
from router.store.schema.tables import case_keys, referrals
from router.store.writer import Writer
from tests.store.samples import KEYRING, NOW, case, referral

KEY = Add(case_keys, {"case_id": "c", "wrapped": b"wrapped"})


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "be.ledger"


async def store_at(url: str, tmp_path: Path) -> Writer:
    return await open_store(url, tmp_path, KEYRING, anchors=Anchors(tmp_path / "audit.anchor", "be", tmp_path))


def said(kept: Path) -> list[Entry]:
    return read(kept, KEYRING) if kept.exists() else []


def frozen(version: int = 1) -> Change:
    values: dict[str, Any] = {"payload": b"sealed", "dialect": "router", "receipt": None}
    return Change(referrals, {"id": "r"}, values, version=version)


async def test_what_leaves_is_noted_with_what_finds_its_case_again(url: str, tmp_path: Path, kept: Path) -> None:
    store = await store_at(url, tmp_path)
    await store.commit(Transition(NOW, adds=[case("c"), referral("r", case_id="c")]))
    assert said(kept) == []
    await store.commit(Transition(NOW, [frozen()]))
    known = {"case_id": "c", "partner": "nl", "route": "abroad", "dialect": "router", "url_bidx": b"c".hex()}
    await store.commit(Transition(NOW + 1, [Change(referrals, {"id": "r"}, {"receipt": "N-7"}, version=2)]))
    await store.commit(Transition(NOW + 2, events=[Event("referral.recalled", "person:anna", "c", "r")]))
    await store.commit(Transition(NOW + 3, removes=[Remove(case_keys, {"case_id": "c"})]))
    await store.close()
    assert [(one.at, one.kind, one.id, one.said) for one in said(kept)] == [
        (NOW, Kind.LEFT, "r", known),
        (NOW + 1, Kind.LEFT, "r", known | {"receipt": "N-7"}),
        (NOW + 2, Kind.RECALLING, "r", {}),
        (NOW + 2, Kind.RECALLED, "r", {}),
        (NOW + 3, Kind.ERASING, "c", {}),
        (NOW + 3, Kind.ERASED, "c", {}),
    ]


async def test_what_people_handed_over_by_another_way_is_noted_too(url: str, tmp_path: Path, kept: Path) -> None:
    store = await store_at(url, tmp_path)
    given = referral("r", case_id="c", state="accepted", receipt="by telephone", next_at=None)
    await store.commit(Transition(NOW, adds=[case("c"), given]))
    await store.close()
    assert [(one.kind, one.said["receipt"]) for one in said(kept)] == [(Kind.LEFT, "by telephone")]


ERASE = Transition(NOW, removes=[Remove(case_keys, {"case_id": "c"})])
MORE = Transition(NOW + 5, adds=[case("more")])


async def test_it_is_noted_before_it_is_committed_and_what_was_not_erased_is_taken_back(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await store_at(f"sqlite:///{tmp_path / 'router.db'}", tmp_path)
    await store.commit(Transition(NOW, adds=[case("c"), KEY, referral("r", case_id="c")]))

    async def full(group: Any) -> Any:
        del group
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(store._engine, "apply", full)
        for change in (Transition(NOW, [frozen()]), ERASE):
            with pytest.raises(StoreUnavailable):
                await store.commit(change)
    assert [one.kind for one in said(kept)] == [Kind.LEFT, Kind.ERASING]
    await store.commit(MORE)
    await store.close()
    assert [one.kind for one in said(kept)] == [Kind.LEFT, Kind.ERASING, Kind.STAYED]


async def commit_cut(store: Writer, transition: Transition, cut: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit, and be cut on the way: before the ledger's line, before or after the commit, or never."""
    apply, before = store._engine.apply, ForLedger.before

    async def cut_there(group: Any) -> Any:
        if cut == "after the commit":
            await apply(group)
        raise StoreUnavailable

    async def cut_here(told: ForLedger, group: Any) -> None:
        if cut == "before the line":
            raise StoreUnavailable
        await before(told, group)

    with monkeypatch.context() as patched:
        if cut != "never":
            patched.setattr(store._engine, "apply", cut_there)
            patched.setattr(ForLedger, "before", cut_here)
        with suppress(StoreUnavailable):
            await store.commit(transition)


async def kill(store: Writer) -> None:
    """End a store with not one line more: its writer is never closed."""
    await store._engine.close()
    store._stopping = True
    store._arrived.set()


@pytest.mark.parametrize("cut", ["before the line", "before the commit", "after the commit", "never"])
async def test_a_life_that_is_cut_while_it_erases_is_told_to_its_end_by_the_next(
    url: str, tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """What the ledger says in the end is what the store has; at no moment is a case gone that it knows nothing of."""
    store = await store_at(url, tmp_path)
    await store.commit(Transition(NOW, adds=[case("c"), KEY]))
    await commit_cut(store, ERASE, cut, monkeypatch)
    erased, unsure = erasures(said(kept))
    here = await store.rows(select(case_keys))
    assert here or "c" in erased | unsure
    assert unsure == ({"c"} if cut.endswith("commit") else set())
    await kill(store)
    later = await store_at(url, tmp_path)
    await later.commit(MORE)
    assert erasures(said(kept)) == (set() if await later.rows(select(case_keys)) else {"c"}, set())
    await later.close()


@pytest.mark.parametrize("cut", ["before the line", "before the commit", "after the commit", "never"])
async def test_a_life_that_is_cut_while_it_takes_back_is_told_to_its_end_by_the_next(
    url: str, tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """At no moment is a referral taken back that the ledger knows nothing of; what was not, its partner keeps."""
    store = await store_at(url, tmp_path)
    await store.commit(Transition(NOW, adds=[case("c"), KEY, referral("r", case_id="c")]))
    gone = Change(referrals, {"id": "r"}, {"state": "recalled", "next_at": None}, version=1)
    recall = Transition(NOW, [gone], events=[Event("referral.recalled", "person:anna", "c", "r")])
    await commit_cut(store, recall, cut, monkeypatch)
    (row,) = await store.rows(select(referrals.c.state))
    taken_back, unsure = recalls(said(kept))
    assert row["state"] != "recalled" or "r" in taken_back
    assert unsure == ({"r"} if cut.endswith("commit") else set())
    await kill(store)
    later = await store_at(url, tmp_path)
    await later.commit(MORE)
    assert recalls(said(kept)) == ({"r": NOW} if row["state"] == "recalled" else {}, set())
    await later.close()


async def test_a_line_is_on_disk_before_the_commit_that_it_announces_and_before_its_caller_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a group of many lines costs one fsync each time."""
    store = await store_at(f"sqlite:///{tmp_path / 'router.db'}", tmp_path)
    await store.commit(Transition(NOW, adds=[case("c"), KEY, referral("r", case_id="c")]))
    done: list[str] = []
    sync, apply = os.fsync, store._engine.apply

    def synced(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # its folder is, too, when the file is new
            done.append("synced")
        sync(descriptor)

    async def applied(group: Any) -> Any:
        done.append("committed")
        return await apply(group)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", synced)
        patched.setattr(store._engine, "apply", applied)
        await store.commit_all([Transition(NOW, [frozen()]), ERASE])
        assert done == ["synced", "committed", "synced"]
        await store.commit(MORE)
        assert done[3:] == ["committed"], "what says nothing of leaving or erasing pays nothing"
    await store.close()
