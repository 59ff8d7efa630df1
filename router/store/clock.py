"""Business time by the database's clock, so that what several processes write about time agrees.

Machines disagree: one is a minute ahead, one was set to next year by a broken battery and put right an hour later. What
is due, leased, paced, held until or counted for a day is compared by all of them, so it is all read from one clock, the
database's. Between two looks at it time passes by the machine's own counter, which nobody can set: a process whose
clock is wrong, or jumps, is as right as any other.
"""

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Self

from sqlalchemy import select

from router.clock import moment
from router.errors import StoreUnavailable
from router.guard.log import get_log
from router.store.base import Store
from router.store.database_now import DATABASE_NOW

#: Seconds between two looks at the database's clock: a counter drifts by microseconds meanwhile.
EVERY: Final = 15.0
#: A database's clock that moves by more than this against our counter was set, not corrected (NTP slews the latter).
STEP: Final = timedelta(minutes=5)


class StoreClock:
    """A `Clock` that shows what the database's clock shows. `look` sets it, `follow` keeps it set."""

    def __init__(self, store: Store) -> None:
        """Show nothing useful yet; `of` makes one that is set."""
        self._store = store
        self._told = 0
        self._at = time.monotonic_ns()
        self._shown = 0
        self._steps_back = 0
        self._counted_from = 0

    @classmethod
    async def of(cls, store: Store) -> Self:
        """Return a clock that is set. Raise StoreUnavailable."""
        clock = cls(store)
        await clock.look()
        return clock

    def now(self) -> datetime:
        """Return the time of the database, in UTC; never earlier than before, unless that clock was set back."""
        self._shown = max(self._shown, self._at_count(time.monotonic_ns()))
        return moment(self._shown)

    async def sleep(self, seconds: float) -> None:
        """Wait for that many seconds."""
        await asyncio.sleep(seconds)

    def set_back(self) -> int:
        """Return how often the database's clock was set back while we looked."""
        return self._steps_back

    def counted_from(self) -> datetime:
        """Return since when the database's clock went as our counter does: from the first look, or when it was set."""
        return moment(self._counted_from)

    async def look(self) -> None:
        """Set it by the database's clock, as of half the time that the answer took. Raise StoreUnavailable."""
        asked = time.monotonic_ns()
        (row,) = await self._store.rows(select(DATABASE_NOW.label("now")))
        at, told = (asked + time.monotonic_ns()) // 2, int(row["now"])
        moved = timedelta(microseconds=told - self._at_count(at))
        first, self._told, self._at = self._told == 0, told, at
        if first or abs(moved) > STEP:
            self._shown, self._counted_from = 0, told
        if not first and abs(moved) > STEP:
            get_log("store").warning("clock_stepped", seconds=round(moved.total_seconds()))
            self._steps_back += moved < timedelta()

    def _at_count(self, count: int) -> int:
        """Return the time at a count of our counter, in microseconds."""
        return self._told + (count - self._at) // 1000

    async def follow(self, every: float = EVERY) -> None:
        """Keep it set until cancelled; while the database is away, our counter goes on."""
        while True:
            await asyncio.sleep(every)
            with suppress(StoreUnavailable):
                await self.look()
