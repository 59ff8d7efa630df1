"""Sets that wait for a person: what is said of them, and how they come in force."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from router.data.compile import TABLE
from router.data.datasets import MANIFEST, SHIPPED, DataSets
from router.data.in_force import in_force
from router.data.waiting import FOLDER, Moves, accept, counted, forget, put_aside, waiting
from router.errors import CannotStart, Conflict, NotFound

TODAY = date(2026, 12, 1)
MOVED = counted(1000, [(64500, "Example", "NL", "DE")] * 2 + [(None, None, "NL", None), (64500, "Example", "NL", "DE")])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory of sets with new ones that wait."""
    staging = tmp_path / "sets/staged"
    shutil.copytree(SHIPPED, staging)
    shutil.copy(TABLE, staging / MANIFEST)
    put_aside(tmp_path / "sets", staging, TODAY, MOVED)
    return tmp_path / "sets"


def id_of(root: Path) -> str:
    found = waiting(root)
    assert found is not None
    return found.id


def test_hosts_are_counted_by_network_and_country() -> None:
    assert [(one.asn, one.before, one.after, one.hosts) for one in MOVED.moved] == [
        (64500, "NL", "DE", 3),
        (None, "NL", None, 1),
    ]
    assert (MOVED.of, MOVED.hosts) == (1000, 4)
    assert MOVED.text == (
        "of the last 1000 hosts that were decided 4 would stand elsewhere: AS64500 Example from NL to DE (3 hosts); "
        "networks that nobody announces from NL to people (1 host)"
    )


def test_a_sentence_names_the_most_concerned_networks() -> None:
    many = counted(1000, [(asn, "Example", "NL", "DE") for asn in range(64500, 64510)])
    assert many.text.endswith("; and 5 more")
    assert counted(0, []) == Moves(0, ())


def test_what_waits_is_not_in_force_until_it_is_accepted(root: Path) -> None:
    assert in_force(root) is None
    found = waiting(root)
    assert found is not None
    assert (found.since, found.moves) == ("2026-12-01", MOVED)
    assert f"`data accept --id {found.id}`" in found.text
    assert accept(root, date(2026, 12, 3), found.id) == found
    now = in_force(root)
    assert now is not None
    assert now.name == "2026-12-03-0"
    assert not (now / "moves.json").exists()
    assert waiting(root) is None
    with pytest.raises(NotFound, match="No data sets wait"):
        accept(root, TODAY, found.id)


def test_what_is_damaged_is_not_put_in_force(root: Path) -> None:
    (root / FOLDER / "geolocation.mmdb").write_bytes(b"")
    with pytest.raises(CannotStart, match="geolocation"):
        accept(root, TODAY, id_of(root))
    assert in_force(root) is None
    (root / FOLDER / "moves.json").write_text("{")
    with pytest.raises(CannotStart, match="data refresh"):
        waiting(root)
    forget(root)
    assert waiting(root) is None


def test_newer_ones_wait_instead(root: Path) -> None:
    staging = root / "staged"
    shutil.copytree(root / FOLDER, staging)
    put_aside(root, staging, date(2026, 12, 9), counted(10, [(1, "A", "NL", "DE")]))
    found = waiting(root)
    assert found is not None
    assert (found.since, found.moves.hosts) == ("2026-12-09", 1)


def test_what_was_read_is_accepted_and_no_other_that_waits_by_now(root: Path) -> None:
    read = id_of(root)
    staging = root / "staged"
    shutil.copytree(root / FOLDER, staging)
    put_aside(root, staging, TODAY, counted(1000, [(1, "A", "NL", "RU")] * 900))
    with pytest.raises(Conflict, match="data status"):
        accept(root, TODAY, read)
    assert in_force(root) is None
    assert id_of(root) != read
    accept(root, TODAY, id_of(root))
    assert in_force(root) is not None


#: Calls that change a directory while sets are put in force.
_CHANGES = ("unlink", "rename", "symlink_to", "replace")


@pytest.mark.parametrize("step", range(12))
def test_killed_anywhere_they_still_wait_or_are_in_force(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Nothing of the process runs after the kill, so neither does what tidies up."""
    read, left = id_of(root), [step]

    def before(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted_down(*given: Any, **more: Any) -> Any:
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
            return call(*given, **more)

        return counted_down

    with monkeypatch.context() as dying:
        for name in _CHANGES:
            dying.setattr(Path, name, before(getattr(Path, name)))
        dying.setattr(shutil, "rmtree", before(shutil.rmtree))
        with suppress(KeyboardInterrupt):
            accept(root, TODAY, read)
    now = in_force(root)
    if now is None:
        assert id_of(root) == read
        accept(root, TODAY, read)
    now = in_force(root)
    assert now is not None
    DataSets.open(now).close()
    assert not (now / "moves.json").exists()
