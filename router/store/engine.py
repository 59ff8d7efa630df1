"""What the two engines promise the writer, and the signals they raise inside the store.

An engine commits a group of transitions in one transaction, hands out claims, answers selects and says when something
was committed. Everything else (grouping, splitting, checkpoints, migrations) is written once, above this protocol.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy.sql.base import Executable

from router.errors import BadInput
from router.store.base import NOTHING, Claim, LookUp, Row, Transition

#: What became of one transition of a group: None when it is durable, else the error its caller gets.
Outcome = Exception | None


class Clash(Exception):
    """A unique rule of the schema refused a row; the transaction was rolled back."""


def read_end(waited: "asyncio.Task[None]") -> None:
    """Read how it ended: a callback for what is waited on by those who may have left when it fails.

    asyncio logs an error that nobody read, long after, and an operator took that for the last word of a worker which
    had said plainly why it ended.
    """
    if not waited.cancelled():
        waited.exception()


class Engine(Protocol):
    """A database that holds the tables. All methods but `open` raise StoreUnavailable when it cannot serve now."""

    async def open(self) -> None:
        """Connect. Raise CannotStart for an unsafe version or setting, StoreUnavailable when it is not there."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...

    async def rows(self, statement: Executable) -> list[Row]:
        """Return the rows of a SELECT, as dicts by column name."""
        ...

    async def look_up(self, lookup: LookUp, values: Sequence[str]) -> list[Row]:
        """Return the rows that have one of these values, in the order of the look-up."""
        ...

    async def check(self) -> None:
        """Raise StoreUnavailable for what would keep a commit from lasting and can be seen without one."""
        ...

    async def apply(self, group: Sequence[Transition]) -> list[Outcome]:
        """Commit the group in one transaction; return an outcome for each transition, in its order."""
        ...

    async def claim(self, claim: Claim, beside: Transition = NOTHING) -> list[Row]:
        """Return the rows that were claimed, in the claim's order, as they are after it. Raise Conflict (`Store`)."""
        ...

    def mark(self) -> object:
        """Return what tells later whether something was committed since."""
        ...

    async def changed(self, since: object, seconds: float) -> None:
        """Return when any process committed something after that mark, or after that many seconds."""
        ...

    async def revision(self) -> str | None:
        """Return the schema's revision, None for an empty database."""
        ...

    async def migrate(self, migration: "Migration") -> None:
        """Bring the schema up to date in one transaction under a lock: read the revision, run what leads on from it."""
        ...

    async def scrub(self) -> None:
        """Overwrite what removed rows left behind outside the tables, as far as the engine can."""
        ...


class Migration(Protocol):
    """Gives the statements that lead from a revision to the newest one. Raises CannotStart for an unknown revision."""

    def __call__(self, dialect: str, revision: str | None) -> list[str]:
        """Return the statements for `sqlite` or `postgresql`, none when nothing is to be done."""
        ...


def broken_rule(name: str | None) -> ValueError:
    """Return what a caller gets whose transition breaks a rule of the schema: a fault of ours, not of the data."""
    return ValueError(f"the schema's rule {name or 'without a name'} refuses this transition")


def unusable_value() -> BadInput:
    """Return what a caller gets who names a value that no row can have: a text with NUL, a number of 80 bits."""
    return BadInput("A value that was given cannot be in any row; correct it.", reason="unusable_value")


def as_dicts(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Row]:
    """Return tuples as dicts."""
    return [dict(zip(names, row, strict=True)) for row in rows]
