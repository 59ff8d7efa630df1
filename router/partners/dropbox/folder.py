"""A unit's folder, such as a mounted share: a bundle appears in it whole or not at all.

It is first written under a hidden name, and named in a step of its own: so whoever comes after a crash sees which of
the two was done. A folder counts only while the file `MARK` is in it, which whoever sets it up puts there: when a share
is not mounted, what stands in its place is an empty folder of this machine, where nobody would ever look.
"""

import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from typing import Final, TypeVar

from router.errors import NotSent

T = TypeVar("T")

MARK: Final = ".referral-router"
_PART: Final = ".part"
#: Seconds after which a hidden file is nobody's any more: its bundle was recalled, or made anew.
_STALE: Final = 3600.0
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SHUT: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class UnitFolder:
    """One folder. Everything raises NotSent, which names neither the folder nor what was to go there."""

    def __init__(self, path: str) -> None:
        """Take the folder's path; nothing is looked at yet."""
        self._path = Path(path)

    def check(self) -> None:
        """See that it is there and can be written to."""
        if not _said(self._is_the_units):
            raise NotSent(
                f"The unit's folder is not there, or it has no file named {MARK}; mount it, or put that file there",
                reason="missing",
            )
        if not os.access(self._path, os.W_OK | os.X_OK):
            raise _meaning(errno.EACCES)

    def _is_the_units(self) -> bool:
        return self._path.is_dir() and (self._path / MARK).is_file()

    def prepare(self, name: str, content: bytes) -> None:
        """Write a bundle under its hidden name, and have it on the disk. Harmless to repeat."""
        self.check()
        _said(lambda: self._write(self._part(name), content))

    @staticmethod
    def _write(part: Path, content: bytes) -> None:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o660)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise

    def is_prepared(self, name: str) -> bool:
        """Tell whether a bundle is there under its hidden name."""
        return self._found(self._part(name))

    def is_there(self, name: str) -> bool:
        """Tell whether a bundle is there under its own name, and the unit has not taken it away."""
        return self._found(self._path / name)

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of what is there under a bundle's own name; None when nothing is."""
        return _said(lambda: _digest(self._path / name)) if self.is_there(name) else None

    def carry(self, name: str) -> None:
        """Give a prepared bundle its name: from here on the unit has it."""
        self.check()
        _said(lambda: self._part(name).replace(self._path / name))
        self._sync()

    def drop(self, name: str) -> None:
        """Remove what was prepared and is not to go."""
        with suppress(OSError):
            self._part(name).unlink()

    def sweep(self) -> None:
        """Remove hidden files that were left behind."""
        with suppress(OSError):
            for part in self._path.glob(f".*{_PART}"):
                if time.time() - part.stat().st_mtime > _STALE:
                    part.unlink()

    def _part(self, name: str) -> Path:
        return self._path / f".{name}{_PART}"

    def _found(self, path: Path) -> bool:
        self.check()
        return _said(path.is_file)

    def _sync(self) -> None:
        with suppress(OSError):  # some shares cannot; the file itself is on its disk
            handle = os.open(self._path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:  # taken away in this moment
        return None


def _said(act: Callable[[], T]) -> T:
    """Do it, and say in our words what the system said no with: its own names the folder and the file."""
    try:
        return act()
    except OSError as error:
        failed = _meaning(error.errno)
    raise failed  # out here, so that the system's text does not hang on it


def _meaning(number: int | None) -> NotSent:
    if number in _FULL:
        return NotSent("The unit's folder is full; ask the unit to make room", reason="full")
    if number in _SHUT:
        return NotSent("The unit's folder cannot be written to; ask who runs it for the right", reason="read_only")
    return NotSent("The unit's folder cannot be reached; ask who runs it", reason="missing")
