"""Turns: so many calls a second to a hub, the urgent ones first.

A long piece of work asks for a turn before each of its calls, so that an urgent one that comes in between waits for one
call and not for the whole. The pace itself is a budget that all processes of the router share.
"""

import asyncio
import heapq
from itertools import count

from router.clock import Clock
from router.errors import NotSent, RouterError
from router.partners.budget import Budget


class Turns:
    """Those of this process who wait for one budget."""

    def __init__(self, name: str, per_second: float, clock: Clock, budget: Budget) -> None:
        """Take turns of the budget `name`, 1 / `per_second` seconds apart by this clock."""
        self._name = name
        self._gap = 1 / per_second
        self._clock = clock
        self._budget = budget
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._is_taken = False

    async def next(self, *, urgent: bool = False) -> None:
        """Wait for a turn and take it. Raise NotSent when the store that keeps the budget is away."""
        await self._be_first(urgent=urgent)
        try:
            seconds = await self._reserved()
            if seconds > 0:
                await self._clock.sleep(seconds)
        finally:
            self._pass_on()

    @property
    def wait(self) -> float:
        """Return about how many seconds it takes until whoever comes now and is not urgent has a turn."""
        return self._gap * (len(self._waiting) + 1)

    async def _be_first(self, *, urgent: bool) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        mine = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not urgent, next(self._numbers), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given to us, and we have gone
                self._pass_on()
            raise

    async def _reserved(self) -> float:
        try:
            return await self._budget.reserve(self._name, self._gap)
        except RouterError:
            pass  # said below, in the words of a call that was not made
        raise NotSent("The store that keeps the pace towards the hub is away; nothing was sent", reason="pace")

    def _pass_on(self) -> None:
        """Give the turn to whoever is next, and has not gone."""
        while self._waiting:
            *_, next_one = heapq.heappop(self._waiting)
            if not next_one.done():
                next_one.set_result(None)
                return
        self._is_taken = False
