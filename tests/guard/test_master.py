"""The master key's file is private, whole, and made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from router.errors import CannotStart
from router.guard.master import load_master, load_or_create_master


def test_the_first_start_makes_a_random_key_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = load_or_create_master(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_master(path) == load_master(path) == key
    assert load_or_create_master(tmp_path / "other.key") != key
    assert {found.name for found in tmp_path.iterdir()} == {"master.key", "other.key"}


def test_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(load_or_create_master, [tmp_path / "master.key"] * 8))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o601])
def test_a_file_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    load_or_create_master(path)
    path.chmod(mode)
    with pytest.raises(CannotStart, match="chmod 600"):
        load_or_create_master(path)


def test_a_file_that_only_its_owner_reads_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = load_or_create_master(path)
    path.chmod(0o400)
    assert load_or_create_master(path) == key


@pytest.mark.parametrize("text", ["", "\n", "ab", "zz" * 32, "00" * 31, "00" * 33, "\0" * 64, "é" * 32])
def test_a_damaged_file_is_refused_and_never_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(CannotStart, match="64 hexadecimal digits"):
        load_or_create_master(path)
    assert path.read_text(encoding="utf-8") == text


def test_a_key_can_be_typed_back(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text("AB" * 32 + "\n", encoding="ascii")
    path.chmod(0o600)
    assert load_master(path) == b"\xab" * 32


def test_a_folder_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="make its folder"):
        load_or_create_master(tmp_path / "nowhere" / "master.key")


def test_something_that_is_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.mkdir(0o700)
    with pytest.raises(CannotStart):
        load_or_create_master(path)
