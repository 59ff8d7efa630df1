"""The files that SQLite has open: whether they still stand under their names, and whether they can grow.

SQLite goes on with a file that was removed or replaced, and so would we: reports would be taken into what nobody finds
again (sqlite.org/howtocorrupt.html section 4). So the device and inode of the database, its journal (WAL) and their
shared memory are remembered, and compared before and after every commit. What was lost once stays lost for this
process: another one may have made a database under the name meanwhile.
"""

import os
from pathlib import Path
from typing import Final, TypeAlias

from router.errors import StoreLost, StoreUnavailable

#: Device and inode; None for a file that is not there.
Identity: TypeAlias = tuple[int, int] | None
_SUFFIXES: Final = ("", "-wal", "-shm")
#: Free bytes below which no report is taken: one group of transitions with its audit entries, with room to spare.
LEAST_FREE: Final = 16 * 1024 * 1024
#: And below which the database is not even opened: its shared memory, and the journal of one small commit.
LEAST_TO_OPEN: Final = 1024 * 1024
#: What an operator mends, in seconds.
_RETRY_AFTER: Final = 30.0


class Files:
    """The database file at a path, and the two beside it."""

    def __init__(self, path: Path) -> None:
        """Nothing is looked at before `remember`."""
        self._names = tuple(f"{path}{suffix}" for suffix in _SUFFIXES)
        self._folder = path.parent
        self._known: tuple[Identity, ...] | None = None
        self._lost: StoreLost | None = None

    def remember(self) -> None:
        """Note which files are open; called once all three exist."""
        self._known = self._now()

    def check(self) -> None:
        """Raise StoreLost when a file was removed or replaced since; before `remember` nothing is known."""
        if self._lost is None and self._known is not None:
            found = self._now()
            if found != self._known:
                self._lost = _told(self._known, found)
        if self._lost is not None:
            raise self._lost

    @property
    def is_lost(self) -> bool:
        """Tell whether a file was found removed or replaced."""
        return self._lost is not None

    @property
    def can_be_saved(self) -> bool:
        """Tell whether what the journal holds may be written back: the database stands, and nobody made new files."""
        return self._known is not None and all(
            now == known if at == 0 else now in {None, known}
            for at, (now, known) in enumerate(zip(self._now(), self._known, strict=True))
        )

    def check_room(self, least: int = LEAST_FREE) -> None:
        """Raise StoreUnavailable when the disk is read-only, or has no room for what comes next."""
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            text = "The database's folder cannot be looked at; check that its disk is there."
            raise StoreUnavailable(text, reason="io_error", retry_after=_RETRY_AFTER) from None
        if disk.f_flag & os.ST_RDONLY:
            text = "The database's disk is read-only; make it writable."
            raise StoreUnavailable(text, reason="read_only", retry_after=_RETRY_AFTER)
        free = disk.f_bavail * disk.f_frsize
        if free < least:
            text = f"The database's disk is full ({free >> 20} MiB left); free {LEAST_FREE >> 20} MiB at least."
            raise StoreUnavailable(text, reason="disk_full", retry_after=_RETRY_AFTER)

    def _now(self) -> tuple[Identity, ...]:
        return tuple(map(_identity, self._names))


def _identity(name: str) -> Identity:
    try:
        found = os.stat(name)  # noqa: PTH116 - a tenth of Path's time, and this runs around every commit
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _told(known: tuple[Identity, ...], found: tuple[Identity, ...]) -> StoreLost:
    at = next(place for place in range(len(known)) if known[place] != found[place])
    what = ("database file", "database's journal (-wal)", "journal's shared memory (-shm)")[at]
    reason, how = ("file_removed", "removed") if found[at] is None else ("file_replaced", "replaced by another")
    text = (
        f"The {what} was {how} while it was in use, so nothing more is taken. Stop every process of this router,"
        " put the database back as it was or restore a backup, and start again."
    )
    return StoreLost(text, reason=reason, retry_after=_RETRY_AFTER)
