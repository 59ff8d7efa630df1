"""What goes into the ledger of each commit: before what leaves, after what is over, on both engines."""

from pathlib import Path
from typing import Any

import pytest

from router.errors import StoreUnavailable
from router.guard.anchor import Anchors
from router.guard.ledger import Entry, Kind, read
from router.store.base import Change, Event, Remove, Transition
from router.store.connect import open_store
from router.store.schema.tables import case_keys, referrals
from router.store.writer import Writer
from tests.store.samples import KEYRING, NOW, case, referral


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
        (NOW + 2, Kind.RECALLED, "r", {}),
        (NOW + 3, Kind.ERASED, "c", {}),
    ]


async def test_what_people_handed_over_by_another_way_is_noted_too(url: str, tmp_path: Path, kept: Path) -> None:
    store = await store_at(url, tmp_path)
    given = referral("r", case_id="c", state="accepted", receipt="by telephone", next_at=None)
    await store.commit(Transition(NOW, adds=[case("c"), given]))
    await store.close()
    assert [(one.kind, one.said["receipt"]) for one in said(kept)] == [(Kind.LEFT, "by telephone")]


async def test_it_is_noted_before_it_is_committed_and_erasures_only_after(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies in between leaves a line too many for what leaves, and none for what is still there."""
    store = await store_at(f"sqlite:///{tmp_path / 'router.db'}", tmp_path)
    await store.commit(Transition(NOW, adds=[case("c"), referral("r", case_id="c")]))

    async def full(group: Any) -> Any:
        del group
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(store._engine, "apply", full)
        for change in (Transition(NOW, [frozen()]), Transition(NOW, removes=[Remove(case_keys, {"case_id": "c"})])):
            with pytest.raises(StoreUnavailable):
                await store.commit(change)
    await store.close()
    assert [one.kind for one in said(kept)] == [Kind.LEFT]
