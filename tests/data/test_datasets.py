import shutil
from datetime import date
from pathlib import Path

import pytest

from router.data import DataSets
from router.data.compile import write_digests
from router.data.datasets import MANIFEST, SHIPPED, read_infos, verify
from router.data.digest import digest
from router.errors import CannotStart

NAMES = {"geolocation", "assignments", "delegation", "networks", "ranges", "edges", "special"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped sets with a manifest of its own."""
    shutil.copytree(SHIPPED, tmp_path / "sets")
    shutil.copy(SHIPPED.parent / MANIFEST, tmp_path / "sets" / MANIFEST)
    return tmp_path / "sets"


def test_the_shipped_sets_are_whole() -> None:
    assert {info.name: whole for info, whole in verify()} == dict.fromkeys(NAMES, True)


def test_the_shipped_sets_stay_small_enough_for_a_repository() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 25_000_000


def test_each_set_names_source_licence_and_credit() -> None:
    for info in read_infos(SHIPPED).values():
        assert info.url.startswith("https://")
        assert info.licence
        assert info.credit
        assert date.fromisoformat(info.date)


def test_opened_sets_answer() -> None:
    with DataSets.open() as data:
        assert data.reader("geolocation").get("3.120.0.1") == "DE"
        assert data.as_of("ranges") == "2026-10-26"
        with pytest.raises(KeyError):
            data.reader("nothing")


def test_db_ip_is_credited_with_its_address() -> None:
    with DataSets.open() as data:
        assert any("DB-IP" in credit and "https://db-ip.com" in credit for credit in data.credits())
        assert len(set(data.credits())) == len(data.credits())


def test_status_says_which_set_is_too_old() -> None:
    with DataSets.open() as data:
        fresh = {row.name: row for row in data.status(date(2026, 11, 22))}
        old = {row.name: row for row in data.status(date(2028, 1, 1))}
    assert fresh["ranges"].age_days == 27
    assert not any(row.stale for row in fresh.values())
    assert old["ranges"].stale
    assert not old["special"].stale


def test_a_set_is_too_old_soon_after_the_age_at_which_confidence_was_measured() -> None:
    measured = date(2026, 11, 22)
    with DataSets.open() as data:
        for row in data.status(measured):
            if row.name != "special":  # IANA's registries, which change once in years
                assert row.age_days < row.max_age_days <= 210


def test_a_set_cut_short_is_refused_with_its_name(folder: Path) -> None:
    file = folder / "networks.mmdb"
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(CannotStart, match="networks is damaged or cut short; run `data refresh`"):
        DataSets.open(folder)


def test_one_flipped_bit_is_refused(folder: Path) -> None:
    content = bytearray((folder / "edges.mmdb").read_bytes())
    content[1000] ^= 1
    (folder / "edges.mmdb").write_bytes(content)
    with pytest.raises(CannotStart, match="edges"):
        DataSets.open(folder)
    assert {info.name for info, whole in verify(folder) if not whole} == {"edges"}


def test_a_missing_set_is_named(folder: Path) -> None:
    (folder / "ranges.mmdb").unlink()
    with pytest.raises(CannotStart, match="ranges is missing"):
        DataSets.open(folder)


def test_a_file_that_is_no_database_is_refused_even_if_its_digest_is_listed(folder: Path) -> None:
    (folder / "edges.mmdb").write_bytes(b"not a database")
    write_digests({"edges": digest(folder / "edges.mmdb")}, folder / MANIFEST)
    with pytest.raises(CannotStart, match="edges cannot be opened"):
        DataSets.open(folder)


@pytest.mark.parametrize("text", ["not toml [", "[[set]]\nname = 'x'\n", "", "[[set]]\n"])
def test_a_manifest_that_cannot_be_read_is_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(CannotStart, match="list of data sets"):
        DataSets.open(folder)


def test_nothing_stays_open_when_a_later_set_is_refused(folder: Path) -> None:
    (folder / "special.mmdb").write_bytes(b"")
    with pytest.raises(CannotStart):
        DataSets.open(folder)
    shutil.rmtree(folder)
    assert not folder.exists()
