import shutil
from datetime import date
from pathlib import Path

import pytest

from router.data.compile import TABLE, compile_sets, main, read_table, stamp, stamp_lists, write_digests
from router.data.digest import digest
from router.errors import CannotStart


def test_the_same_packages_give_the_same_bytes(packages_folder: dict[str, Path], tmp_path: Path) -> None:
    rows = read_table()["set"]
    first = compile_sets(rows, packages_folder, tmp_path / "one")
    second = compile_sets(rows, packages_folder, tmp_path / "two")
    assert first == second
    assert set(first) == {row["name"] for row in rows}
    for row in rows:
        assert digest(tmp_path / "one" / row["file"]) == first[row["name"]]


def test_special_addresses_rebuild_to_what_ships(tmp_path: Path) -> None:
    # The one set without packages: the whole verb runs, and nothing may have changed.
    assert main(["special", "--into", str(tmp_path), "--cache", str(tmp_path / "cache"), "--check"]) == 0


def test_a_set_that_differs_from_the_table_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = read_table()
    for row in table["set"]:
        row["sha256"] = "0" * 64
    monkeypatch.setattr("router.data.compile.read_table", lambda: table)
    assert main(["special", "--into", str(tmp_path), "--cache", str(tmp_path / "cache"), "--check"]) == 1


def test_digests_are_written_where_they_belong_and_nowhere_else(tmp_path: Path) -> None:
    table = tmp_path / "sets.toml"
    shutil.copy(TABLE, table)
    write_digests({"ranges": "ab" * 32}, table)
    before, after = read_table(), read_table(table)
    assert {row["name"] for row, old in zip(after["set"], before["set"], strict=True) if row != old} == {"ranges"}
    assert next(row["sha256"] for row in after["set"] if row["name"] == "ranges") == "ab" * 32
    assert after["package"] == before["package"]


def test_the_date_of_each_list_is_written_once_and_read_back(tmp_path: Path) -> None:
    table = tmp_path / "sets.toml"
    shutil.copy(TABLE, table)
    stamp_lists("ranges", {"Microsoft Azure": "2026-10-26"}, table)
    stamp_lists("ranges", {"Microsoft Azure": "2026-10-26", "Amazon Web Services": "2026-12-01"}, table)
    stamp({"ranges": "ab" * 32}, table, date(2026, 10, 26))
    before, after = read_table(), read_table(table)
    assert {row["name"] for row, old in zip(after["set"], before["set"], strict=True) if row != old} == {"ranges"}
    written = next(row for row in after["set"] if row["name"] == "ranges")
    assert written["lists"] == {"Amazon Web Services": "2026-12-01", "Microsoft Azure": "2026-10-26"}
    assert (written["date"], written["sha256"]) == ("2026-10-26", "ab" * 32)


def test_a_digest_without_a_place_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "sets.toml"
    shutil.copy(TABLE, table)
    with pytest.raises(CannotStart, match="no place for the digest of nothing"):
        write_digests({"nothing": "ab" * 32}, table)


def test_every_set_names_packages_that_are_pinned() -> None:
    table = read_table()
    pinned = {package["name"] for package in table["package"]}
    assert {name for row in table["set"] for name in row["packages"]} == pinned
    assert all(len(package["sha256"]) == 64 for package in table["package"])
