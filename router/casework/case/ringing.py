"""Every transition that places a case on the desk with an alarm adds that alarm's row: in one commit, or not at all.

The one gate that all of casework commits through, so that no step and no act can place a case and forget to ring, or
change something and forget who is to hear of it (`status_changes`).
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, select

from router.casework.case.status_changes import with_status
from router.errors import StoreUnavailable
from router.store.base import NOTHING, Add, Change, Claim, LookUp, Row, Store, Transition
from router.store.schema.tables import alarms, cases, sources
from schemas.source import is_of_house

#: Seconds for which a process trusts what it knows of who hears what, as of every other thing that governs it.
_FOLLOWED_WITHIN: Final = 1.0
_HEARING: Final = select(sources.c.name, sources.c.kind).where(sources.c.status_hook.is_not(None))


class Ringing:
    """A store whose transitions carry the alarms, and the news, of what they do; everything else passes through."""

    def __init__(self, store: Store) -> None:
        """Stand in front of `store`."""
        self._store = store
        self._hearing: Mapping[str, bool] | None = None
        self._looked = 0.0

    async def commit(self, transition: Transition) -> None:
        """Make the transition durable with its alarms and news. Raise Conflict or StoreUnavailable."""
        await self._store.commit(with_status(with_alarms(transition), await self._who_hears()))
        if any(change.table is sources for change in transition.changes):
            self._hearing = None

    async def _who_hears(self) -> Mapping[str, bool]:
        """Return the sources that have a status address, and whether each is of the house."""
        now = time.monotonic()
        if self._hearing is None or now - self._looked >= _FOLLOWED_WITHIN:
            self._looked = now
            self._hearing = {row["name"]: is_of_house(row["kind"]) for row in await self._store.rows(_HEARING)}
        return self._hearing

    async def commit_all(self, transitions: Sequence[Transition]) -> list[Exception | None]:
        """Make them durable, each with its alarms and news; return what became of each."""
        try:
            hearing = await self._who_hears()
        except StoreUnavailable as error:
            return [error] * len(transitions)
        return await self._store.commit_all([with_status(with_alarms(one), hearing) for one in transitions])

    async def rows(self, statement: Select[Any]) -> list[Row]:
        """Return the rows of a SELECT."""
        return await self._store.rows(statement)

    async def look_up(self, lookup: LookUp, values: Iterable[str]) -> Mapping[str, list[Row]]:
        """Return rows by the value they were asked for."""
        return await self._store.look_up(lookup, values)

    async def claim(self, claim: Claim, beside: Transition = NOTHING) -> list[Row]:
        """Return the claimed rows; what is beside the claim places no case, so it rings for none."""
        return await self._store.claim(claim, beside)

    async def ready(self) -> None:
        """Raise StoreUnavailable when nothing could be taken now."""
        await self._store.ready()

    def mark(self) -> object:
        """Return this moment."""
        return self._store.mark()

    def wake(self) -> None:
        """Let those who wait for work look again."""
        self._store.wake()

    async def wait_for_work(self, seconds: float, since: object) -> None:
        """Return when something was committed after the mark, or after those seconds."""
        await self._store.wait_for_work(seconds, since)

    async def checkpoint(self, at: int) -> bool:
        """Sign the audit chain."""
        return await self._store.checkpoint(at)


def with_alarms(transition: Transition) -> Transition:
    """Return the transition with one row for each alarm that its changes begin."""
    begun = [row for change in transition.changes if (row := _begun(change, transition.at)) is not None]
    if not begun:
        return transition
    adds = (*transition.adds, *(Add(alarms, row) for row in begun))
    return Transition(transition.at, transition.changes, adds, transition.removes, transition.events)


def _begun(change: Change, now: int) -> dict[str, object] | None:
    alarm = change.values.get("desk_alarm") if change.table is cases else None
    if alarm is None:
        return None
    return {
        "id": alarm,
        "case_id": change.key["id"],
        "code": change.values["desk_code"],
        "placed_at": now,
        "version": 0,
        "next_at": now,
    }
