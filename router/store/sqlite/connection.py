"""One connection to the SQLite file, opened safely: durable, private to its owner, in WAL mode.

Sources of the settings: sqlite.org/wal.html, /pragma.html. `synchronous=FULL` syncs the WAL at every commit;
`secure_delete` overwrites what is deleted; a large `wal_autocheckpoint` lets a checkpoint write a page once that many
groups changed (measured: intake with a million open cases runs 1.3 times as fast with 20,000 pages as with 4,000).
"""

import os
import re
from pathlib import Path
from time import monotonic, sleep

import apsw
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random

from router.errors import CannotStart, StoreUnavailable
from router.store.engine import Clash, broken_rule, unusable_value

#: All that a statement may raise: SQLite's errors, and those of values that it cannot be given.
ERRORS = (apsw.Error, OverflowError, UnicodeEncodeError)
#: Versions before this can corrupt a database in WAL mode (the "WAL-reset bug", sqlite.org/wal.html).
OLDEST_SAFE = (3, 51, 3)
AUTOCHECKPOINT_PAGES = 20_000
#: Pages that one connection keeps. A process has one that writes and a few that read, and stays below 250 MB with them
#: beside a million cases; with sixteen times as much a case cost the same there: the system keeps the pages too.
CACHE_KIB = 16_384
READER_CACHE_KIB = 4_096
#: Seconds that a writer waits for another process's transaction; groups take milliseconds.
BUSY_SECONDS = 30.0
#: Seconds between two looks whether it is over. SQLite's own timeout sleeps ever longer, up to 25 ms and then 50 (its
#: default busy handler), which is longer than a group lasts: processes that write all the time commit less together,
#: and not the same each (`python benchmarks/store_limits.py` prints both).
LOOK_SECONDS = 0.0005
#: The journal is cut to this after a checkpoint, so that one burst does not keep the disk.
JOURNAL_BYTES = 128 * 1024 * 1024

_UNIQUE = {apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY, apsw.SQLITE_CONSTRAINT_ROWID}
#: The rule's name is the only part of SQLite's message that cannot carry a stored value.
_RULE = re.compile(r"constraint failed: ([A-Za-z_]+(?:\.[A-Za-z_]+)?)")
_AWAY: dict[type[Exception], tuple[str, str]] = {
    apsw.FullError: ("disk_full", "The disk is full; nothing acknowledged is lost. Free some space."),
    apsw.BusyError: ("busy", "Another process holds the database; try again shortly."),
    apsw.LockedError: ("busy", "Another process holds the database; try again shortly."),
    apsw.NoMemError: ("memory", "There is not enough memory for the database; free some."),
    apsw.ReadOnlyError: ("read_only", "The database file cannot be written; check its owner and its disk."),
    apsw.CantOpenError: ("io_error", "The database file cannot be opened; check its folder and its disk."),
    apsw.IOError: ("io_error", "The disk does not take or give the database's bytes; check it and its free space."),
    apsw.ProtocolError: ("busy", "Another process holds the database; try again shortly."),
    apsw.CorruptError: ("damaged", "The database file is damaged; stop, and restore it from a backup."),
    apsw.NotADBError: ("damaged", "The database file is no SQLite database; restore it from a backup."),
}
#: What the drive or another process may mend by itself, in seconds.
RETRY_AFTER = 5.0


def check_version() -> None:
    """Raise CannotStart when the SQLite in use can lose data."""
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")) < OLDEST_SAFE:
        raise CannotStart(f"SQLite {version} can corrupt a database in WAL mode; install apsw with 3.51.3 or newer.")


def make_private(path: Path) -> None:
    """Create the file for its owner only, before SQLite does; its WAL and shared memory inherit that."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError:
        raise CannotStart("The database file cannot be created; make its folder and let us write there.") from None


def connect(path: Path, *, write: bool) -> apsw.Connection:
    """Return a connection with every setting that durability and secrecy need. Raise StoreUnavailable."""
    return _connect(path, _settings(write=write), write=write)


def connect_watch(path: Path) -> apsw.Connection:
    """Return a connection that learns that others committed, and reads no table. Raise StoreUnavailable.

    No setting makes it read the schema, which takes a millisecond: as long as everything else of opening a store. It
    has looked once, so that it has the files that are there now, whatever becomes of them.
    """
    connection = _connect(path, _NO_TABLES, write=False)
    try:
        connection.pragma("data_version")
    except apsw.Error as error:
        raise translated(error) from None
    return connection


def _connect(path: Path, settings: tuple[str, ...], *, write: bool) -> apsw.Connection:
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=512)
        wait_for_lock(connection, BUSY_SECONDS)
        # Kept away from what a hostile database file could carry (sqlite.org/security.html).
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        if write:
            _to_wal(connection)
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
    except apsw.Error as error:
        raise translated(error) from None
    return connection


def wait_for_lock(connection: apsw.Connection, seconds: float) -> None:
    """Let a connection wait so many seconds for a lock that another one holds, and take it soon after its end."""
    until = 0.0

    def once_more(looks: int) -> bool:
        nonlocal until
        if looks == 0:
            until = monotonic() + seconds
        if monotonic() >= until:
            return False
        sleep(LOOK_SECONDS)
        return True

    connection.set_busy_handler(once_more)


def _to_wal(connection: apsw.Connection) -> None:
    """Make the file one in WAL mode, as often as it takes while others who start with us do the same.

    Two who hold a read lock and both want it exclusively would wait for each other for ever, so SQLite refuses one of
    them at once, without the busy timeout (sqlite.org/c3ref/busy_handler.html); the refused one asks again.
    """
    for attempt in Retrying(
        retry=retry_if_exception_type(apsw.BusyError),
        wait=wait_random(0, 0.05),
        stop=stop_after_delay(BUSY_SECONDS),
        reraise=True,
    ):
        with attempt:
            connection.execute("PRAGMA journal_mode = WAL")


_BOTH = ("temp_store = MEMORY", "cell_size_check = ON")  #: nothing of a query spills to a file
_NO_TABLES = (*_BOTH, "query_only = ON")


def _settings(*, write: bool) -> tuple[str, ...]:
    if not write:
        return (*_NO_TABLES, f"cache_size = -{READER_CACHE_KIB}")
    return (
        *_BOTH,
        "synchronous = FULL",
        "secure_delete = ON",
        f"wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}",
        f"journal_size_limit = {JOURNAL_BYTES}",
        f"cache_size = -{CACHE_KIB}",
    )


def translated(error: apsw.Error | OverflowError | UnicodeEncodeError) -> Exception:
    """Return our error for one of SQLite's, without its text: that can name tables, values and paths."""
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return unusable_value()
    if isinstance(error, apsw.ConstraintError):
        if getattr(error, "extendedresult", None) in _UNIQUE:
            return Clash()
        found = _RULE.search(str(error))
        return broken_rule(found[1] if found else None)
    for kind, (reason, message) in _AWAY.items():
        if isinstance(error, kind):
            return StoreUnavailable(message, reason=reason, retry_after=RETRY_AFTER)
    return ValueError(f"SQLite refuses a statement of ours ({type(error).__name__})")


def dialect() -> SQLiteDialect:
    """Return how statements are written for the driver."""
    return SQLiteDialect(paramstyle="qmark")
