"""Every transition that places a case on the desk with an alarm adds that alarm's row: in one commit, or not at all.

The one gate that all of casework commits through, so that no step and no act can place a case and forget to ring.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select

from router.store.base import Add, Change, Claim, LookUp, Row, Store, Transition
from router.store.schema.tables import alarms, cases


class Ringing:
    """A store whose transitions carry the alarms of what they place; everything else passes through."""

    def __init__(self, store: Store) -> None:
        """Stand in front of `store`."""
        self._store = store

    async def commit(self, transition: Transition) -> None:
        """Make the transition durable with its alarms. Raise Conflict or StoreUnavailable."""
        await self._store.commit(with_alarms(transition))

    async def commit_all(self, transitions: Sequence[Transition]) -> list[Exception | None]:
        """Make them durable, each with its alarms; return what became of each."""
        return await self._store.commit_all([with_alarms(transition) for transition in transitions])

    async def rows(self, statement: Select[Any]) -> list[Row]:
        """Return the rows of a SELECT."""
        return await self._store.rows(statement)

    async def look_up(self, lookup: LookUp, values: Iterable[str]) -> Mapping[str, list[Row]]:
        """Return rows by the value they were asked for."""
        return await self._store.look_up(lookup, values)

    async def claim(self, claim: Claim) -> list[Row]:
        """Return the claimed rows."""
        return await self._store.claim(claim)

    async def ready(self) -> None:
        """Raise StoreUnavailable when nothing could be taken now."""
        await self._store.ready()

    def mark(self) -> object:
        """Return this moment."""
        return self._store.mark()

    async def wait_for_work(self, seconds: float, since: object) -> None:
        """Return when something was committed after the mark, or after those seconds."""
        await self._store.wait_for_work(seconds, since)

    async def checkpoint(self, at: int) -> bool:
        """Sign the audit chain."""
        return await self._store.checkpoint(at)


def with_alarms(transition: Transition) -> Transition:
    """Return the transition with one row for each alarm that its changes begin."""
    begun = [row for change in transition.changes if (row := _begun(change)) is not None]
    if not begun:
        return transition
    adds = (*transition.adds, *(Add(alarms, row) for row in begun))
    return Transition(transition.at, transition.changes, adds, transition.removes, transition.events)


def _begun(change: Change) -> dict[str, object] | None:
    alarm = change.values.get("desk_alarm") if change.table is cases else None
    if alarm is None:
        return None
    since = change.values["desk_since"]
    return {
        "id": alarm,
        "case_id": change.key["id"],
        "code": change.values["desk_code"],
        "placed_at": since,
        "version": 0,
        "next_at": since,
    }
