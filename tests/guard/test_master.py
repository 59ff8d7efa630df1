"""The master key's file is private, whole, and made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from router.errors import CannotStart, Damaged
from router.guard.master import (
    KeyFile,
    changing,
    check_indexes,
    load_keys,
    load_master,
    load_or_create_master,
    open_keyring,
    write,
)
from router.guard.seal import LASTING, REPLACED, Keyring


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


def test_a_rotated_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    load_or_create_master(path)
    with changing(path) as keys:
        prepared = keys.prepared()
        write(path, prepared)
    assert load_keys(path) == prepared == prepared.prepared()
    anew = prepared.replaced(7).replaced(9)
    write(path, anew)
    assert load_keys(path) == anew
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [until for _, until in anew.former] == [9, 7]
    assert anew.former[0][0] == prepared.coming
    assert anew.lasting is not None
    assert {*anew.lasting.keys} == {*LASTING}
    assert anew.without(7).former == anew.former[:1]
    assert [found.name for found in tmp_path.iterdir()] == ["master.key"]


def test_an_index_of_its_own_stands_in_the_place_of_those_of_before(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    load_or_create_master(path)
    begun = load_keys(path).reindexing()
    write(path, begun)
    assert load_keys(path) == begun == begun.reindexing()
    with pytest.raises(CannotStart, match="run `keys rotate --indexes` again"):
        check_indexes(path, reindexing=False)
    check_indexes(path, reindexing=True)
    write(path, begun.reindexed())
    anew = load_keys(path)
    assert anew == begun.reindexed()
    assert (anew.index, anew.index_coming) == (begun.index_coming, None)
    assert anew.lasting is not None
    assert {*anew.lasting.keys} == {*LASTING} - {*REPLACED}
    assert load_keys(path).replaced(7).prepared().index == anew.index
    check_indexes(path, reindexing=False)
    path.write_text("".join(line for line in anew.text().splitlines(keepends=True) if "lasting" not in line))
    with pytest.raises(CannotStart):
        load_keys(path)


@pytest.mark.parametrize(
    "line", ["former", "former 00 7", "lasting 00 check 00", "nonsense", "index 00", f"coming {'0' * 62}"]
)
def test_a_file_that_somebody_cut_or_edited_is_refused_in_one_sentence(tmp_path: Path, line: str) -> None:
    path = tmp_path / "master.key"
    load_or_create_master(path)
    whole = KeyFile(load_master(path)).replaced(7).text()
    for text in (f"{load_master(path).hex()}\n{line}\n", whole[: len(whole) * 2 // 3]):
        path.write_text(text)
        with pytest.raises(CannotStart, match="restore it from its backup"):
            load_keys(path)


def test_a_keyring_follows_its_file(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    load_or_create_master(path)
    old, follows = Keyring.open(load_master(path)), open_keyring(path)
    _, before = old.new_case_key("c")
    with changing(path) as keys:
        write(path, keys.replaced(7))
    _, after = open_keyring(path).new_case_key("c")
    assert before[2:6] != after[2:6]
    assert follows.unwrap("c", after), "the first that it meets is looked for in the file"
    assert follows.unwrap("c", before)
    with pytest.raises(Damaged):
        old.unwrap("c", after)
    path.unlink()
    follows.follow(now=True)
    assert follows.unwrap("c", after), "a file that is away for a moment changes nothing"
