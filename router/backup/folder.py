"""A folder that appears under its name whole or not at all, readable by its owner alone.

It is filled under a name of its own, synced, and renamed. Whoever fills it holds a lock, which a killed process lets go
of: the next one takes away what such a process left behind.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from router.errors import BadInput, CannotStart

_CUT: Final = ".unfinished"


@contextmanager
def written_whole(folder: Path, field: str) -> Iterator[Path]:
    """Give the folder to be filled, which becomes `folder` when the block ends well, and vanishes when it does not.

    Raise BadInput when there is something under that name, CannotStart when nothing can be written there.
    """
    check_free(folder, field)
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear(folder)
        filling = folder.with_name(f".{folder.name}.{os.getpid()}{_CUT}")
        filling.mkdir(mode=0o700)
    except OSError as error:
        raise CannotStart(f"The folder {folder} cannot be made ({error.strerror}); name another.") from None
    lock = os.open(filling, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield filling
        _sync(filling)
        try:
            filling.replace(folder)
        except OSError:
            check_free(folder, field)
            raise
        _sync_one(folder.parent)
    finally:
        os.close(lock)
        shutil.rmtree(filling, ignore_errors=True)


def check_free(folder: Path, field: str) -> None:
    """Raise BadInput unless nothing is under that name, or an empty folder."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise BadInput(f"{folder} is not empty; name a folder that is not there yet.", field=field, reason="not_empty")


def _clear(folder: Path) -> None:
    """Take away what a killed process left of this folder."""
    for left in folder.parent.glob(f".{folder.name}.*{_CUT}"):
        lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left)
        except BlockingIOError:
            continue  # somebody fills it now
        finally:
            os.close(lock)


def _sync(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        _sync_one(path)
    _sync_one(folder)


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
