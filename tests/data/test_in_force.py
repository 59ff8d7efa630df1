"""The link and the folders of a refresh: one in force, one for a way back."""

from datetime import date
from pathlib import Path

import pytest

from router.data.in_force import LINK, in_force, put_in_force, spare, writing
from router.errors import CannotStart

TODAY = date(2026, 12, 1)


def staged(root: Path, text: str) -> Path:
    folder = root / ".staging"
    folder.mkdir(parents=True)
    (folder / "x").write_text(text)
    return folder


def test_nothing_is_in_force_before_the_first_refresh(tmp_path: Path) -> None:
    assert in_force(tmp_path) is None
    assert spare(tmp_path) is None


def test_a_link_to_nothing_is_nothing_in_force(tmp_path: Path) -> None:
    (tmp_path / LINK).symlink_to("2026-11-01-0")
    assert in_force(tmp_path) is None


def test_what_is_put_in_force_replaces_and_keeps_what_it_is_told_to(tmp_path: Path) -> None:
    for number in range(12):
        put_in_force(tmp_path, staged(tmp_path, str(number)), TODAY, in_force(tmp_path))
        now = in_force(tmp_path)
        assert now is not None
        assert (now / "x").read_text() == str(number)
    before = spare(tmp_path)
    assert before is not None
    assert (before / "x").read_text() == "10", "the one before, not the one that sorts last as text"
    put_in_force(tmp_path, staged(tmp_path, "only"), TODAY, None)
    assert spare(tmp_path) is None
    assert len(list(tmp_path.iterdir())) == 2


def test_the_spare_is_of_the_latest_day(tmp_path: Path) -> None:
    for name in ("2026-11-30-0", "2026-12-01-2", "2026-12-01-10", "2026-12-02-0"):
        (tmp_path / name).mkdir()
    (tmp_path / LINK).symlink_to("2026-12-02-0")
    assert spare(tmp_path) == (tmp_path / "2026-12-01-10").resolve()


def test_a_disk_that_fails_is_one_sentence() -> None:
    with pytest.raises(CannotStart, match="free space"), writing():
        raise PermissionError(13, "denied")
