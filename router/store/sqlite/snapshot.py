"""A store in one file as of one moment: taken of a SQLite file that others write to, read, and parted from its keys.

`VACUUM INTO` reads in one transaction and writes what is live: no page that was freed, and no journal, comes along
(sqlite.org/lang_vacuum.html). The file belongs to nobody yet, so it has no journal on the disk either: a cut one is
thrown away whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import apsw
from sqlalchemy import Select, Table

from router.errors import BadInput
from router.store.base import Row
from router.store.engine import as_dicts
from router.store.migrate import migration
from router.store.schema.tables import case_keys
from router.store.sql_text import compiler_for
from router.store.sqlite import connection as live

DAMAGED: Final = "The database in this backup is damaged; take another backup."
#: Rows that are carried from one store to another at once.
ROWS: Final = 2_000


def take(source: Path, target: Path) -> None:
    """Write what a SQLite file holds now into a new one, while others write to it. Raise StoreUnavailable."""
    live.make_private(target)
    try:
        connection = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
    except apsw.Error as error:
        raise live.translated(error) from None
    try:
        live.wait_for_lock(connection, live.BUSY_SECONDS)
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("VACUUM INTO ?", (str(target),))
    except apsw.Error as error:
        raise live.translated(error) from None
    finally:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)  # whoever serves keeps its own journal
        connection.close()


def make(path: Path) -> apsw.Connection:
    """Make an empty store in a new file and return the connection that fills it; closing it is the caller's."""
    live.make_private(path)
    connection = opened(path)
    with connection:
        for statement in migration("sqlite", None):
            connection.execute(statement)
    return connection


def fill(connection: apsw.Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Add rows to a table, each with the values of all columns in their order."""
    names = ", ".join(f'"{column.name}"' for column in table.c)
    places = ", ".join("?" for _ in table.c)
    connection.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})', rows)  # noqa: S608 - our own names


def part(data: Path, keys: Path) -> None:
    """Move the wrapped case keys out of a store into a file of their own; nothing of them stays behind."""
    live.make_private(keys)
    connection = opened(data)
    try:
        connection.execute("ATTACH ? AS apart", (str(keys),))
        with connection:
            connection.execute("CREATE TABLE apart.case_keys (case_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL)")
            connection.execute("INSERT INTO apart.case_keys SELECT case_id, wrapped FROM main.case_keys")
            connection.execute("DELETE FROM main.case_keys")
    finally:
        connection.close()


def join(data: Path, keys: Path) -> None:
    """Put the case keys back into a store. Raise StoreUnavailable."""
    connection = opened(data)
    try:
        connection.execute("ATTACH ? AS apart", (str(keys),))
        with connection:
            connection.execute("INSERT INTO main.case_keys SELECT case_id, wrapped FROM apart.case_keys")
    except apsw.Error as error:
        raise live.translated(error) from None
    finally:
        connection.close()


def execute(path: Path, text: str, values: Sequence[Any]) -> None:
    """Run one statement on a store that nobody serves yet."""
    connection = opened(path)
    try:
        connection.execute(text, tuple(values))
    finally:
        connection.close()


def opened(path: Path) -> apsw.Connection:
    """Open a store that nobody serves yet, to be written to; closing it is the caller's."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    for setting in ("journal_mode = MEMORY", "temp_store = MEMORY", "secure_delete = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}")
    return connection


class Snapshot:
    """A store in one file that nobody writes to, opened to be read."""

    def __init__(self, path: Path, keys: Path | None = None) -> None:
        """Open it, with its case keys beside it where they are given. Raise BadInput for what is no whole store."""
        self._compiler = compiler_for(live.dialect)
        try:
            self._db = apsw.Connection(f"{path.absolute().as_uri()}?immutable=1", flags=_READ)
            self._db.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
            self._db.execute("PRAGMA cell_size_check = ON")
            if keys is not None:
                self._db.execute("ATTACH ? AS apart", (f"{keys.absolute().as_uri()}?immutable=1",))
        except apsw.Error:
            raise BadInput(DAMAGED, reason="damaged") from None

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def check(self) -> None:
        """Read all of it. Raise BadInput when a page, an index or a rule is not whole."""
        found = self._read("PRAGMA integrity_check", ())
        if [tuple(row.values()) for row in found] != [("ok",)]:
            raise BadInput(DAMAGED, reason="damaged")

    @property
    def revision(self) -> str | None:
        """The revision of its schema. Raise BadInput."""
        found = self._read("SELECT version_num FROM alembic_version", ())
        return str(found[0]["version_num"]) if found else None

    async def rows(self, statement: Select[Any]) -> list[Row]:
        """Return the rows of a SELECT, as a store does. Raise BadInput."""
        return self._read(*self._compiler.compile(statement))

    def key_of(self, case_id: str) -> bytes | None:
        """Return the wrapped key of a case, from the file beside it."""
        found = self._read("SELECT wrapped FROM apart.case_keys WHERE case_id = ?", (case_id,))
        return bytes(found[0]["wrapped"]) if found else None

    def batches(self, table: Table) -> Iterator[list[tuple[Any, ...]]]:
        """Return all rows of a table, so many at a time, each with the values of all columns in their order."""
        names = ", ".join(f'"{column.name}"' for column in table.c)
        place = "apart" if table is case_keys else "main"
        cursor = self._db.execute(f'SELECT {names} FROM {place}."{table.name}"')  # noqa: S608 - our own names
        while batch := list(islice(cursor, ROWS)):
            yield batch

    def _read(self, text: str, values: tuple[Any, ...]) -> list[Row]:
        try:
            cursor = self._db.execute(text, values)
            names = [column[0] for column in cursor.get_description()]
            return as_dicts(names, cursor.fetchall())
        except apsw.ExecutionCompleteError:
            return []  # there was no row
        except apsw.Error:
            raise BadInput(DAMAGED, reason="damaged") from None


_READ: Final = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
