"""A folder appears whole or not at all; what a killed process left is taken away, and what another fills is not."""

from pathlib import Path

import pytest

from router.backup.folder import written_whole
from router.errors import BadInput


def test_it_appears_when_the_block_ends_well(tmp_path: Path) -> None:
    with written_whole(tmp_path / "deep" / "one", "DIR") as filling:
        (filling / "file").write_text("x")
        assert not (tmp_path / "deep" / "one").exists()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["one"]


def test_it_vanishes_when_the_block_fails(tmp_path: Path) -> None:
    def fails() -> None:
        with written_whole(tmp_path / "one", "DIR") as filling:
            (filling / "file").write_text("x")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_left_goes_and_what_a_living_one_fills_stays(tmp_path: Path) -> None:
    (tmp_path / ".one.1.unfinished").mkdir()
    (tmp_path / ".one.1.unfinished" / "file").touch()
    with written_whole(tmp_path / "one", "DIR") as filling:
        assert [path.name for path in tmp_path.iterdir()] == [filling.name]
        (filling / "file").touch()
        filling.rename(tmp_path / ".one.2.unfinished")  # as if another process filled it
        with written_whole(tmp_path / "one", "DIR") as second:
            assert (tmp_path / ".one.2.unfinished").is_dir()
            (second / "file").touch()
        (tmp_path / ".one.2.unfinished").rename(filling)
        (tmp_path / "one" / "file").unlink()


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "file").touch()
    with pytest.raises(BadInput, match="not empty"), written_whole(tmp_path / "one", "DIR"):
        pytest.fail("it began")
    (tmp_path / "one" / "file").unlink()
    with written_whole(tmp_path / "one", "DIR") as filling:
        (filling / "new").touch()
    assert (tmp_path / "one" / "new").exists()
