"""Damaged sets in force: what serves instead, without a network."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from router.data import DataSets, repair
from router.data.compile import stamp, stamp_lists, write_digests
from router.data.datasets import MANIFEST, SHIPPED
from router.data.digest import digest
from router.data.in_force import LINK, in_force, spare
from router.data.repair import Restored
from router.errors import CannotStart

TODAY = date(2026, 12, 1)


def folder(root: Path, name: str, edges: str) -> Path:
    """Sets as a refresh leaves them: the shipped ones, with edges of another date."""
    made = root / name
    shutil.copytree(SHIPPED, made)
    shutil.copy(SHIPPED.parent / MANIFEST, made / MANIFEST)
    stamp({"edges": digest(made / "edges.mmdb")}, made / MANIFEST, date.fromisoformat(edges))
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An operator's directory after two refreshes."""
    folder(tmp_path, "2026-10-31-0", "2026-10-31")
    folder(tmp_path, "2026-11-30-0", "2026-11-30")
    (tmp_path / LINK).symlink_to("2026-11-30-0")
    return tmp_path


def dates(root: Path) -> dict[str, str]:
    with DataSets.open(in_force(root)) as data:
        return {name: info.date for name, info in data.infos.items()}


def test_whole_sets_are_left_alone(root: Path) -> None:
    before = in_force(root)
    assert repair.repair(root, TODAY) == ()
    assert in_force(root) == before


@pytest.mark.parametrize("damage", [lambda file: file.write_bytes(b""), lambda file: file.unlink()])
def test_a_damaged_set_is_replaced_by_that_of_the_refresh_before(root: Path, damage: object) -> None:
    assert callable(damage)
    damage(root / LINK / "edges.mmdb")
    with pytest.raises(CannotStart, match=r"edges is .*; run `data refresh`: before it fetches anything, it puts back"):
        DataSets.open(in_force(root))
    assert repair.repair(root, TODAY) == (Restored("edges", "2026-10-31", shipped=False),)
    assert dates(root)["edges"] == "2026-10-31"
    assert in_force(root) == (root / "2026-12-01-0").resolve()
    assert spare(root) == (root / "2026-10-31-0").resolve(), "the way back stays, the damaged folder goes"
    assert repair.repair(root, TODAY) == ()


def test_a_set_keeps_the_date_of_each_of_its_lists(root: Path) -> None:
    stamp_lists("edges", {"Cloudflare": "2026-11-30", "Fastly": "2026-10-26"}, root / LINK / MANIFEST)
    (root / LINK / "special.mmdb").write_bytes(b"")
    assert [one.name for one in repair.repair(root, TODAY)] == ["special"]
    with DataSets.open(in_force(root)) as data:
        assert data.infos["edges"].lists == {"Cloudflare": "2026-11-30", "Fastly": "2026-10-26"}
        assert data.infos["special"].lists == {}


def test_without_a_whole_refresh_before_the_installed_set_serves(root: Path) -> None:
    for name in ("2026-10-31-0", "2026-11-30-0"):
        (root / name / "edges.mmdb").write_bytes(b"")
    (restored,) = repair.repair(root, TODAY)
    assert (restored.name, restored.shipped) == ("edges", True)
    assert dates(root)["edges"] == restored.date


@pytest.mark.parametrize("text", ["not toml [", "", "[[set]]\nname = 'x'\n", "set = 5", '[[set]]\ndate = "soon"\n'])
def test_a_list_that_cannot_be_read_is_a_folder_that_cannot_be_used(root: Path, text: str) -> None:
    (root / LINK / MANIFEST).write_text(text)
    assert len(repair.repair(root, TODAY)) == len(dates(root))
    assert dates(root)["edges"] == "2026-10-31"


def test_a_set_that_the_router_did_not_know_when_it_was_refreshed_comes_from_the_installation(root: Path) -> None:
    manifest = root / LINK / MANIFEST
    head, _, rows = manifest.read_text().partition("[[set]]")
    kept = [row for row in rows.split("[[set]]") if 'name = "special"' not in row]
    manifest.write_text("[[set]]".join([head, *kept]))
    with pytest.raises(CannotStart, match="special is missing"):
        DataSets.open(in_force(root))
    (restored,) = repair.repair(root, TODAY)
    assert restored.name == "special"
    assert "special" in dates(root)


@pytest.mark.parametrize("refreshed", [True, False])
def test_when_nothing_whole_is_left_the_installation_is_to_blame(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, refreshed: bool
) -> None:
    installed = tmp_path_factory.mktemp("installed") / "sets"
    shutil.copytree(SHIPPED, installed)
    shutil.copy(SHIPPED.parent / MANIFEST, installed.parent / MANIFEST)
    for name in ("router.data.repair.SHIPPED", "router.data.datasets.SHIPPED"):
        monkeypatch.setattr(name, installed)
    for place in (installed, root / "2026-10-31-0", root / "2026-11-30-0"):
        (place / "edges.mmdb").write_bytes(b"")
    if not refreshed:
        (root / LINK).unlink()
        with pytest.raises(CannotStart, match="edges is damaged or cut short; install the router again"):
            DataSets.open()
    before = in_force(root)
    with pytest.raises(CannotStart, match="install the router again"):
        repair.repair(root, TODAY)
    assert in_force(root) == before


def test_a_listed_file_that_is_no_database_is_damaged_too(root: Path) -> None:
    (root / LINK / "edges.mmdb").write_bytes(b"not a database")
    write_digests({"edges": digest(root / LINK / "edges.mmdb")}, root / LINK / MANIFEST)
    assert [one.name for one in repair.repair(root, TODAY)] == ["edges"]


def test_a_disk_that_cannot_be_written_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / LINK / "edges.mmdb").write_bytes(b"")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr("router.data.repair.shutil.copy", full)
    with pytest.raises(CannotStart, match="free space"):
        repair.repair(root, TODAY)
