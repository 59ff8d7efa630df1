"""A folder that is full, missing, read-only or taken away: nothing half is ever shown, and the error names no place."""

import errno
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from router.errors import NotSent
from router.partners.dropbox import folder as room
from router.partners.dropbox.folder import MARK, UnitFolder

NAME = "0190f7a1-0000-7000-8000-000000000001.p7m"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "canary-share"
    made.mkdir()
    (made / MARK).touch()
    return made


def reason(path: Path, act: str, *given: Any) -> str | None:
    with pytest.raises(NotSent) as failed:
        getattr(UnitFolder(str(path)), act)(*given)
    error = failed.value
    assert "canary" not in f"{error!r} {error.message}"
    assert (error.__cause__, error.__context__) == (None, None)
    return error.reason


def test_a_bundle_appears_whole(path: Path) -> None:
    unit = UnitFolder(str(path))
    unit.prepare(NAME, b"first")
    assert not unit.is_there(NAME)
    unit.prepare(NAME, b"bundle")
    assert unit.is_prepared(NAME)
    unit.carry(NAME)
    assert (unit.is_prepared(NAME), unit.is_there(NAME)) == (False, True)
    assert (path / NAME).read_bytes() == b"bundle"


def test_what_is_not_to_go_is_removed(path: Path) -> None:
    unit = UnitFolder(str(path))
    unit.prepare(NAME, b"bundle")
    unit.drop(NAME)
    unit.drop(NAME)
    assert [one.name for one in path.iterdir()] == [MARK]


def test_what_was_left_behind_is_swept_and_nothing_else(path: Path) -> None:
    unit = UnitFolder(str(path))
    for name in ("old", "new"):
        unit.prepare(name, b"bundle")
    (path / "theirs").write_text("of the unit")
    long_ago = time.time() - 2 * 3600
    for name in (".old.part", "theirs"):
        os.utime(path / name, (long_ago, long_ago))
    unit.sweep()
    assert sorted(one.name for one in path.iterdir()) == [".new.part", MARK, "theirs"]


@pytest.mark.parametrize("act", ["check", "prepare", "carry", "is_there", "is_prepared"])
@pytest.mark.parametrize("gone", ["removed", "not mounted"])
def test_a_folder_that_is_not_there(path: Path, act: str, gone: str) -> None:
    shutil.rmtree(path)
    if gone == "not mounted":  # an empty folder of this machine stands in its place
        path.mkdir()
    given = {"check": (), "prepare": (NAME, b"bundle")}.get(act, (NAME,))
    assert reason(path, act, *given) == "missing"
    assert not path.exists() or list(path.iterdir()) == []


def test_a_link_in_the_place_of_a_bundle_is_not_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("untouched")
    (path / f".{NAME}.part").symlink_to(tmp_path / "elsewhere")
    assert reason(path, "prepare", NAME, b"bundle") == "missing"
    assert (tmp_path / "elsewhere").read_text() == "untouched"


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EROFS, "read_only"), (errno.EIO, "missing")],
)
def test_what_the_system_says_no_with_is_said_in_our_words(
    path: Path, number: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(*_: object) -> None:
        raise OSError(number, "canary", str(path))

    monkeypatch.setattr(room.os, "fsync", no)
    assert reason(path, "prepare", NAME, b"bundle") == said
    assert [one.name for one in path.iterdir()] == [MARK], "nothing half is left"


def test_a_folder_without_the_right_to_write(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.os, "access", lambda *_: False)
    assert reason(path, "check") == "read_only"


def test_a_real_full_disk() -> None:
    """`/dev/full` answers every write with ENOSPC; a bundle whose hidden name leads there would be a link."""
    with pytest.raises(OSError, match="No space") as full, Path("/dev/full").open("wb", buffering=0) as device:
        device.write(b"bundle")
    assert room._meaning(full.value.errno).reason == "full"
