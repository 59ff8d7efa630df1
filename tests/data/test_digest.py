import hashlib
import os
import time
from pathlib import Path

import pytest

from router.data.digest import digest, digest_once


def test_it_is_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc" * 100_000)
    assert digest(file) == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_one_changed_byte_changes_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    before = digest(file)
    file.write_bytes(b"abd")
    assert digest(file) != before


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written in this test is old enough to be remembered."""
    settled = time.time_ns() + 2_000_000_000
    monkeypatch.setattr("router.data.digest.time.time_ns", lambda: settled)


def test_it_is_read_once_while_nobody_touches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    later(monkeypatch)
    first = digest_once(file)
    monkeypatch.setattr("router.data.digest.digest", lambda _: "read again")
    assert first == hashlib.sha256(b"abc").hexdigest()
    assert digest_once(file) == first


@pytest.mark.parametrize("moved_in", [False, True])
def test_whatever_changes_it_is_seen_even_when_its_times_are_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved_in: bool
) -> None:
    """A disk that damages a byte tells no time; that is found at the next start, as before."""
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    later(monkeypatch)
    before, first = file.stat(), digest_once(file)
    other = tmp_path / "other" if moved_in else file
    other.write_bytes(b"abd")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    while other.stat().st_ctime_ns == before.st_ctime_ns:  # a clock ticks in milliseconds
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)
    assert digest_once(file) == hashlib.sha256(b"abd").hexdigest() != first


def test_one_that_was_just_written_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    digest_once(file)
    monkeypatch.setattr("router.data.digest.digest", lambda _: "read again")
    assert digest_once(file) == "read again"
