"""How many rows there are of a kind, kept by the transaction that changes one, so that a figure costs no counting.

Triggers keep them (revision 0020), so whoever writes to `cases` or `referrals` keeps them too, and a kill or a rollback
takes both or neither. SQLite, with one writer at a time, changes the row that counts (`part` 0). On PostgreSQL many
write at once and would wait for each other there: each transaction adds rows of its own (`part` is its number), which
an engine sums up now and then. So a figure is always a SUM over `n`.

| kind | counts | by |
|---|---|---|
| case | cases | state, reason (why it is on the desk), source, country it is hosted in, mark 1: someone is at risk |
| due | cases on the desk | mark: the quarter of an hour in which their time ends, counted from the epoch |
| referral | referrals | state, partner, mark: 1 when it was tried, plus 2 when it is in a bundle |
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Table, Text

from router.store.schema.metadata import metadata

#: Microseconds of a bucket of what is due: midnight is at one in every time zone, and few are due within one.
QUARTER: Final = 900_000_000
#: Bits of the mark of a referral.
TRIED: Final = 1
BUNDLED: Final = 2

tallies = Table(
    "tallies",
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("kind", "state", "reason", "source", "country", "partner")),
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("part", BigInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
