"""Which sets are in force in an operator's directory: one folder a refresh, and a link that is replaced in one step.

A running process keeps the files it has mapped, also those of a folder that is removed.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from router.errors import CannotStart

LINK: Final = "current"


def in_force(root: Path) -> Path | None:
    """Return the folder of sets that a refresh left in `root`; None when there was none, and the shipped sets serve."""
    link = root / LINK
    return link.resolve() if link.exists() else None


def spare(root: Path) -> Path | None:
    """Return the folder that was in force before the one that is; None when there is none."""
    now = in_force(root)
    others = [folder.resolve() for folder in _folders(root) if folder.resolve() != now]
    return max(others, key=_order, default=None)


@contextmanager
def writing() -> Iterator[None]:
    """Turn what a full or locked disk does into `CannotStart`, which says what to look at."""
    try:
        yield
    except OSError as error:
        raise CannotStart(
            "the data sets cannot be written; see whether the data directory has free space and may be written, and "
            "try again"
        ) from error


def put_in_force(root: Path, staging: Path, today: date, keep: Path | None) -> None:
    """Put the staged folder in force: one rename of a link, so that a reader sees the old sets or the new ones.

    Of the other folders `keep` stays, for a way back.
    """
    number = sum(1 for _ in root.glob(f"{today.isoformat()}-*"))
    folder = root / f"{today.isoformat()}-{number}"
    while folder.exists():
        number += 1
        folder = root / f"{today.isoformat()}-{number}"
    staging.rename(folder)
    link = root / f".{LINK}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.replace(root / LINK)
    for other in _folders(root):
        if other.resolve() not in {folder.resolve(), keep}:
            shutil.rmtree(other)


def _folders(root: Path) -> list[Path]:
    return list(root.glob("20??-??-??-*"))


def _order(folder: Path) -> tuple[str, int]:
    """Order folders by their day and their number on it."""
    day, _, number = folder.name.rpartition("-")
    return day, int(number) if number.isdecimal() else 0
