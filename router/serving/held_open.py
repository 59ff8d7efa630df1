"""Whether somebody serves a data directory: each process that does holds a lock, which a dead one lets go of.

The lock is on this machine. Where several machines share a PostgreSQL database, each knows of its own.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FILE: Final = "serving.lock"


@contextmanager
def serving_here(data_dir: Path) -> Iterator[None]:
    """Say for as long as this is open that the directory is served; any number of processes may."""
    descriptor = _opened(data_dir)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def nobody_serves(data_dir: Path) -> bool:
    """Tell whether no process serves the directory now."""
    descriptor = _opened(data_dir)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _opened(data_dir: Path) -> int:
    return os.open(data_dir / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
