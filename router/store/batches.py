"""A group of transitions, sorted into batches an engine can run: changes first, then removes, then adds.

Changes go first because they carry the fences: when one is lost the transaction has written little and is rolled back.
Batches stand in a stable order (round, table), and so do their rows on PostgreSQL, so that two writers lock in the same
order. A row that a group changes twice is changed in a later round, never twice in one statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

from router import __version__
from router.guard.audit import ChainEntry
from router.store.base import Change, Transition
from router.store.chain import AUDIT_COLUMNS, EPOCH_COLUMNS, Head, link_events
from router.store.schema.audit import audit, epochs


class ChangeShape(NamedTuple):
    """What the statement of a batch of changes depends on; rows follow as keys + values + guards (+ version)."""

    table: Table
    keys: tuple[str, ...]
    values: tuple[str, ...]
    guards: tuple[str, ...]  #: columns that must equal a value of the row's own
    allowed: tuple[tuple[str, tuple[Any, ...]], ...]  #: columns that must have one of these values
    fenced: bool
    keep_claim: bool


class RowShape(NamedTuple):
    """What the statement of a batch of adds or removes depends on; rows follow as the values of these columns."""

    table: Table
    columns: tuple[str, ...]


AUDIT: Final = RowShape(audit, AUDIT_COLUMNS)
EPOCH: Final = RowShape(epochs, EPOCH_COLUMNS)


@dataclass(slots=True)
class ChangeBatch:
    """Changes of one shape; `owners[n]` is the position in the group of the transition that row n belongs to."""

    shape: ChangeShape
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """All that one transaction does, and the audit chain's head once it is committed."""

    changes: list[ChangeBatch]
    removes: dict[RowShape, list[tuple[Any, ...]]]
    adds: dict[RowShape, list[tuple[Any, ...]]]
    head: Head


def plan(group: Sequence[Transition], head: Head) -> Plan:
    """Return the batches of a group whose audit events follow `head`."""
    removes: dict[RowShape, list[tuple[Any, ...]]] = {}
    adds: dict[RowShape, list[tuple[Any, ...]]] = {}
    last: dict[Table, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {}
    for transition in group:
        for remove in transition.removes:
            _collect(removes, remove.table, remove.key)
        for add in transition.adds:
            # As `_collect`; written out because intake adds thousands of rows in one transition, nearly all of a table
            # alike: to compare forty names with those of the row before costs a tenth of hashing them.
            columns = tuple(add.values)
            known = last.get(add.table)
            if known is None or known[0] != columns:
                known = last[add.table] = columns, adds.setdefault(RowShape(add.table, columns), [])
            known[1].append(tuple(add.values.values()))
    linked, new_head = link_events(head, group)
    if linked:
        adds.setdefault(AUDIT, []).extend(linked)
        if head.seq == 0:
            adds.setdefault(EPOCH, []).append((head.epoch, linked[0][ChainEntry._fields.index("at")], 0, __version__))
    return Plan(_changes(group), _by_table(removes), _by_table(adds), new_head)


def _collect(into: dict[RowShape, list[tuple[Any, ...]]], table: Table, values: Mapping[str, Any]) -> None:
    into.setdefault(RowShape(table, tuple(values)), []).append(tuple(values.values()))


def _by_table(batches: dict[RowShape, list[tuple[Any, ...]]]) -> dict[RowShape, list[tuple[Any, ...]]]:
    return dict(sorted(batches.items(), key=lambda item: item[0].table.name))


def _changes(group: Sequence[Transition]) -> list[ChangeBatch]:
    batches: dict[tuple[int, Table], list[ChangeBatch]] = {}
    rounds: dict[tuple[Any, ...], int] = {}
    for position, transition in enumerate(group):
        for change in transition.changes:
            shape, row = _shape(change)
            named = (change.table, *change.key.items())
            rounds[named] = turn = rounds.get(named, -1) + 1
            alike = batches.setdefault((turn, change.table), [])
            for batch in alike:  # few: to compare them costs less than hashing each name of each change
                if batch.shape == shape:
                    break
            else:
                batch = ChangeBatch(shape)
                alike.append(batch)
            batch.rows.append(row)
            batch.owners.append(position)
    ordered = sorted(batches.items(), key=lambda item: (item[0][0], item[0][1].name))
    return [batch for _, alike in ordered for batch in alike]


def _shape(change: Change) -> tuple[ChangeShape, tuple[Any, ...]]:
    table, key, values, version, guard, keep_claim = change
    fence = () if version is None else (version,)
    if not guard:
        shape = ChangeShape(table, tuple(key), tuple(values), (), (), version is not None, keep_claim)
        return shape, (*key.values(), *values.values(), *fence)
    guards = {name: value for name, value in guard.items() if not isinstance(value, tuple)}
    allowed = tuple((name, value) for name, value in guard.items() if isinstance(value, tuple))
    shape = ChangeShape(table, tuple(key), tuple(values), tuple(guards), allowed, version is not None, keep_claim)
    return shape, (*key.values(), *values.values(), *guards.values(), *fence)
