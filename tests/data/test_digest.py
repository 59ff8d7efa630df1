import hashlib
from pathlib import Path

from router.data.digest import digest


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
