"""The master key's file: 0600, outside the database, created at the first start, refused when others could read it.

One line of 64 hexadecimal digits, so that it can be printed and typed back. It must be kept apart from the database's
backups: either alone is worthless.
"""

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from router.errors import CannotStart
from router.guard.seal import MASTER_BYTES

#: Its name in the data directory.
MASTER_FILE: Final = "master.key"


def load_or_create_master(path: Path) -> bytes:
    """Return the master key of that file; make a random one when there is no file yet. Raise CannotStart."""
    with contextlib.suppress(FileNotFoundError):
        return load_master(path)
    _create(path)
    return load_master(path)


def load_master(path: Path) -> bytes:
    """Return the master key of that file. Raise FileNotFoundError, or CannotStart when it cannot be trusted or read."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _check_access(os.fstat(descriptor))
        text = os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != MASTER_BYTES:
        raise CannotStart("The master key file does not hold 64 hexadecimal digits; restore it from its backup.")
    return key


def _check_access(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        raise CannotStart("The master key file can be read by others; run `chmod 600` on it and start again.")


def _create(path: Path) -> None:
    """Write a whole file beside the path, then link it into place: two first starts agree on one key."""
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{os.urandom(MASTER_BYTES).hex()}\n")
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
        _sync_folder(path.parent)
    except OSError:
        raise CannotStart("The master key file cannot be written; make its folder and let us write there.") from None
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable: data sealed under a key that a power cut took away would be lost."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
