"""What the rooms know of the store: a `Transition` in, rows out. Engines stay behind `app`.

A use-case reads with `rows`, does its I/O with no transaction open, and hands one `Transition` to `commit`: rows to
change with the version it saw, rows to add, audit events. The writer commits transitions in groups; when a change
finds its row moved on (zero rows), the whole transition is discarded and `Conflict` is raised: staff were faster.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from sqlalchemy import Column, ColumnElement, Select, Table

Row: TypeAlias = dict[str, Any]
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Change(NamedTuple):
    """Set `values` in the row of `table` named by `key`.

    With `version`, only if the row still has it (the fence); the version is then raised by one and the claim let go
    (unless `keep_claim`). Without, only if `guard` holds. `guard` is column -> required value, or a tuple of allowed
    ones. No such row: the whole transition is a `Conflict`.
    """

    table: Table
    key: Mapping[str, Any]
    values: Mapping[str, Any]
    version: int | None = None
    guard: Mapping[str, Any] = _NOTHING
    keep_claim: bool = False


class Add(NamedTuple):
    """Add one row. A unique clash makes the whole transition a `Conflict` with reason `duplicate`."""

    table: Table
    values: Mapping[str, Any]


class Remove(NamedTuple):
    """Delete the rows of `table` named by `key`: sessions, stops, keys at erasure. No row is no error."""

    table: Table
    key: Mapping[str, Any]


class Event(NamedTuple):
    """One entry of the audit chain. `detail` holds codes and counts only; what a person typed is `sealed`."""

    act: str
    actor: str
    case_id: str | None = None
    referral_id: str | None = None
    detail: Mapping[str, Any] = _NOTHING
    sealed: bytes | None = None


class Transition(NamedTuple):
    """All that one step changes, adds, removes and records; committed whole or not at all."""

    at: int  #: business time, microseconds since the epoch
    changes: Sequence[Change] = ()
    adds: Sequence[Add] = ()
    removes: Sequence[Remove] = ()
    events: Sequence[Event] = ()


#: A transition that does nothing.
NOTHING: Final = Transition(0)


def with_beside(transition: Transition, beside: Transition) -> Transition:
    """Return a transition that does both, whole or not at all, at the time of the first."""
    return Transition(
        transition.at,
        (*transition.changes, *beside.changes),
        (*transition.adds, *beside.adds),
        (*transition.removes, *beside.removes),
        (*transition.events, *beside.events),
    )


@dataclass(frozen=True, slots=True)
class Quota:
    """How many rows a claim may take of those that draw on a source's daily cap for a partner.

    Counted in `source_sent` by the transaction that takes the rows, so that neither two workers nor one that dies in
    between ever count wrong. A source without its row there has nothing left: whoever claims adds the rows first.
    """

    draws_on: ColumnElement[str | None]  #: the source whose cap a row draws on; null for none
    caps: Mapping[str, int]
    partner: str
    day: int  #: start of the day that is counted, microseconds since the epoch


@dataclass(frozen=True, slots=True)
class Claim:
    """Take up to `limit` rows of `table` that satisfy `where` and are not leased, in the order given.

    Sets `values`, `claimed_by`, `claimed_until` (the database's clock plus `lease` seconds), raises `version` and
    `claims` by one. Two workers never get the same row (SKIP LOCKED, or SQLite's one writer). With a `quota`, what it
    does not admit stays where it is, and counts against `limit`.
    """

    table: Table
    where: ColumnElement[bool]
    order_by: Sequence[ColumnElement[Any]]
    limit: int
    owner: str
    lease: float
    values: Mapping[str, Any] = field(default_factory=dict)
    quota: Quota | None = None


@dataclass(frozen=True, eq=False, slots=True)
class LookUp:
    """Rows by the values of one of their columns, asked for often: written and compiled once, a constant of its room.

    `rows` selects `by` among its columns, and has no parameters of its own.
    """

    rows: Select[Any]
    by: Column[str]


class Store(Protocol):
    """The store as every room sees it."""

    async def rows(self, statement: Select[Any]) -> list[Row]:
        """Return the rows of a SELECT as dicts keyed by column name. Raise StoreUnavailable."""
        ...

    async def look_up(self, lookup: LookUp, values: Iterable[str]) -> Mapping[str, list[Row]]:
        """Return the rows by value, in the order of the look-up; a value without rows is left out.

        What several callers ask for at the same moment is one question to the database. Raise StoreUnavailable.
        """
        ...

    async def commit(self, transition: Transition) -> None:
        """Make the transition durable. Raise Conflict (moved on, or reason `duplicate`) or StoreUnavailable."""
        ...

    async def commit_all(self, transitions: Sequence[Transition]) -> list[Exception | None]:
        """Make them durable in one transaction; return, in order, None for each that is, else what `commit` raises.

        Each keeps its own fences: one that lost leaves the group and the others are committed. It raises nothing.
        """
        ...

    async def claim(self, claim: Claim, beside: Transition = NOTHING) -> list[Row]:
        """Return the claimed rows as they are after the claim, version raised. Raise StoreUnavailable.

        What is `beside` it is committed with it, and where nothing is claimed it is not. Raise Conflict, with nothing
        claimed, where a fence of it was lost.
        """
        ...

    async def ready(self) -> None:
        """Raise StoreUnavailable, with its reason, when what is committed now would not be taken and kept."""
        ...

    def mark(self) -> object:
        """Return this moment, for `wait_for_work`: to be taken before a look that may find nothing."""
        ...

    def wake(self) -> None:
        """Let those of this process who wait for work look again: who was busy is free."""
        ...

    async def wait_for_work(self, seconds: float, since: object) -> None:
        """Return when something was committed by any process after that mark, or after those seconds."""
        ...

    async def checkpoint(self, at: int) -> bool:
        """Sign the audit chain, at most once a minute of business time; tell whether it was signed."""
        ...
