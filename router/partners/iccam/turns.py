"""Turns: so many calls a second to a hub, the urgent ones first.

A long piece of work asks for a turn before each of its calls, so that an urgent one that comes in between waits for one
call and not for the whole.
"""

import heapq
from itertools import count
from typing import Final

from router.clock import Clock

#: Seconds between two looks of one who waits and is not first.
_LOOK: Final = 0.001


class Turns:
    """One budget of calls, shared by all that wait for it."""

    def __init__(self, per_second: float, clock: Clock) -> None:
        """Give a turn every 1 / `per_second` seconds of this clock."""
        self._gap = 1 / per_second
        self._clock = clock
        self._free_at = clock.now().timestamp()
        self._waiting: list[tuple[bool, int]] = []
        self._numbers = count()

    async def next(self, *, urgent: bool = False) -> None:
        """Wait for a turn and take it. Who is cancelled while waiting takes none."""
        me = (not urgent, next(self._numbers))
        heapq.heappush(self._waiting, me)
        try:
            while not self._is_mine(me):
                await self._clock.sleep(max(self._wait(), _LOOK))
            self._free_at = max(self._free_at, self._clock.now().timestamp()) + self._gap
        finally:
            self._waiting.remove(me)
            heapq.heapify(self._waiting)

    @property
    def wait(self) -> float:
        """Return the seconds until a turn is free for whoever comes now and is not urgent."""
        return self._wait() + self._gap * len(self._waiting)

    def _is_mine(self, me: tuple[bool, int]) -> bool:
        return self._waiting[0] == me and self._wait() <= 0

    def _wait(self) -> float:
        return max(self._free_at - self._clock.now().timestamp(), 0.0)
