"""Adding and changing many rows of SQLite in few steps.

Python hands its lock over at every step of a statement, so a row a step lets the writing thread and the event loop take
turns at each row. One statement for up to 64 rows keeps the work inside SQLite, beside the loop instead of against it;
a change costs half of what it costs alone.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

import apsw
from sqlalchemy.dialects.sqlite import base as sqlite

from router.store.batches import RowShape

#: Powers of two, so that any number of rows needs few distinct statements; 64 rows keep the text below 16 kB, the
#: longest that apsw keeps prepared.
SIZES: Final = (64, 32, 16, 8, 4, 2, 1)

_quote = sqlite.SQLiteDialect().identifier_preparer.quote


def insert_rows(connection: apsw.Connection, shape: RowShape, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add all rows. Raise apsw.Error; the caller is in a transaction."""
    for start, size in pieces(len(rows)):
        values = tuple(chain.from_iterable(rows[start : start + size]))
        connection.execute(insert_text(shape, size), values)


def pieces(count: int) -> Iterator[tuple[int, int]]:
    """Return (start, size) of the statements that add so many rows."""
    start = 0
    for size in SIZES:
        while count - start >= size:
            yield start, size
            start += size


@lru_cache(maxsize=1024)
def insert_text(shape: RowShape, size: int) -> str:
    """Return the INSERT of that many rows of a shape."""
    columns = ", ".join(map(_quote, shape.columns))
    begins = f"INSERT INTO {_quote(shape.table.name)} ({columns}) VALUES "  # noqa: S608 - our own names
    return with_rows((begins, ""), len(shape.columns), size)


@lru_cache(maxsize=1024)
def with_rows(around: tuple[str, str], columns: int, size: int) -> str:
    """Return a statement with so many rows of so many parameters between its beginning and its end."""
    row = f"({', '.join('?' * columns)})"
    before, after = around
    return f"{before}{', '.join([row] * size)}{after}"
