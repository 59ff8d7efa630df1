"""Put whole sets in force where those in force are damaged: of the refresh before, or else those of the installation.

It needs no network, so an operator whose router does not start at night is helped at once; newer data can wait.
"""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from router.data.compile import stamp, stamp_lists
from router.data.datasets import MANIFEST, SHIPPED, DataSets, SetInfo, read_infos, whole
from router.data.in_force import in_force, put_in_force, spare, writing
from router.errors import CannotStart


@dataclass(frozen=True, slots=True)
class Restored:
    """A set that was damaged, and what serves instead."""

    name: str
    date: str  #: ISO date of the data that are in force now
    shipped: bool  #: True for the installation's, False for those of an earlier refresh


def repair(root: Path, today: date) -> tuple[Restored, ...]:
    """Replace the damaged sets under `root`, if there are any, and return which.

    Raises `CannotStart` when no whole copy of a set is left, or none can be written.
    """
    folder, wanted = in_force(root), read_infos(SHIPPED)
    good = {} if folder is None else whole(folder)
    if folder is not None and wanted.keys() <= good.keys():
        return ()
    before = None if folder is None else spare(root)
    places = [(place, whole(place)) for place in (before, SHIPPED) if place is not None]
    chosen = {name: _first(name, [(folder or SHIPPED, good), *places]) for name in wanted}
    if folder is None:
        return ()
    with writing(), tempfile.TemporaryDirectory(dir=root, prefix=".repair-") as scratch:
        staging = Path(scratch) / "sets"
        _assemble(chosen, wanted, staging)
        put_in_force(root, staging, today, before)
    return tuple(
        Restored(name, info.date, shipped=place == SHIPPED) for name, (place, info) in chosen.items() if place != folder
    )


def _first(name: str, places: list[tuple[Path, dict[str, SetInfo]]]) -> tuple[Path, SetInfo]:
    for place, infos in places:
        if name in infos:
            return place, infos[name]
    raise CannotStart(
        f"no whole copy of the data set {name} is left, not even the installed one; install the router again"
    )


def _assemble(chosen: dict[str, tuple[Path, SetInfo]], wanted: dict[str, SetInfo], staging: Path) -> None:
    """Copy each set from where it is whole, under a manifest that says so."""
    staging.mkdir()
    shutil.copy(SHIPPED.parent / MANIFEST, staging / MANIFEST)
    for name, (place, info) in chosen.items():
        shutil.copy(place / info.file, staging / wanted[name].file)
        stamp({name: info.sha256}, staging / MANIFEST, date.fromisoformat(info.date))
        if info.lists:
            stamp_lists(name, info.lists, staging / MANIFEST)
    DataSets.open(staging).close()
