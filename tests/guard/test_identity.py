"""Our own key: made once, the same ever after, readable by us alone."""

from pathlib import Path

import pytest

from router.errors import CannotStart
from router.guard.identity import load_or_create_identity


def test_it_is_made_once_and_stays(tmp_path: Path) -> None:
    first = load_or_create_identity(tmp_path / "identity.key")
    again = load_or_create_identity(tmp_path / "identity.key")
    assert first.private_bytes_raw() == again.private_bytes_raw()
    assert (tmp_path / "identity.key").stat().st_mode & 0o777 == 0o600
    other = load_or_create_identity(tmp_path / "other.key")
    assert other.private_bytes_raw() != first.private_bytes_raw()


def test_one_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_or_create_identity(tmp_path / "identity.key")
    (tmp_path / "identity.key").chmod(0o640)
    with pytest.raises(CannotStart, match="chmod 600"):
        load_or_create_identity(tmp_path / "identity.key")
