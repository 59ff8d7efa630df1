"""Our own key: made once, the same ever after, readable by us alone."""

from pathlib import Path

import pytest

from router.errors import CannotStart
from router.guard.identity import load_or_create_identity, replace_identity


def test_it_is_made_once_and_stays(tmp_path: Path) -> None:
    first = load_or_create_identity(tmp_path / "identity.key")
    again = load_or_create_identity(tmp_path / "identity.key")
    assert first.private.private_bytes_raw() == again.private.private_bytes_raw()
    assert (tmp_path / "identity.key").stat().st_mode & 0o777 == 0o600
    other = load_or_create_identity(tmp_path / "other.key")
    assert other.private.private_bytes_raw() != first.private.private_bytes_raw()


def test_one_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_or_create_identity(tmp_path / "identity.key")
    (tmp_path / "identity.key").chmod(0o640)
    with pytest.raises(CannotStart, match="chmod 600"):
        load_or_create_identity(tmp_path / "identity.key")


def test_one_that_is_replaced_is_another_key_under_the_next_number(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    first = load_or_create_identity(path)
    second = replace_identity(path, first)
    again = load_or_create_identity(path)
    assert (first.number, second.number, again.number) == (1, 2, 2)
    assert again.private.private_bytes_raw() == second.private.private_bytes_raw() != first.private.private_bytes_raw()
    assert path.stat().st_mode & 0o777 == 0o600
    assert replace_identity(path, again).number == 3


@pytest.mark.parametrize("text", ["", "00\n", f"{'0' * 64}\nnumber x\n", "z" * 64])
def test_one_that_was_cut_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "identity.key"
    load_or_create_identity(path)
    path.write_text(text)
    with pytest.raises(CannotStart, match="restore it from its backup"):
        load_or_create_identity(path)
