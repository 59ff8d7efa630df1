"""The story's time: it runs like the machine's clock, and jumps ahead when the story says so."""

import asyncio
import time
from datetime import datetime, timedelta

from router.world.story import START


class JumpingClock:
    """A `Clock` that starts at a moment of the story, runs with real seconds, and can be moved forward.

    Retries, tokens and signatures need time that passes; five days of waiting need time that jumps. Whoever sleeps is
    woken by a jump, so that nothing sleeps through the day on which it is due.
    """

    def __init__(self, start: datetime = START) -> None:
        """Start at an aware moment."""
        self._start = start
        self._origin = time.monotonic()
        self._ahead = timedelta()
        self._jumped = asyncio.Event()

    def now(self) -> datetime:
        """Return the story's time."""
        return self._start + self._ahead + timedelta(seconds=time.monotonic() - self._origin)

    def advance(self, by: timedelta) -> None:
        """Jump ahead. Raise ValueError for a step back: nothing in the story may happen twice."""
        if by < timedelta():
            raise ValueError("the story's time only moves forward")
        self._ahead += by
        self._jumped.set()
        self._jumped = asyncio.Event()

    def counted_from(self) -> datetime:
        """Return its start: in a story the time that is jumped over passes."""
        return self._start

    async def sleep(self, seconds: float) -> None:
        """Wait until that much of the story's time has passed, by waiting or by jumping."""
        until = self.now() + timedelta(seconds=seconds)
        while (left := (until - self.now()).total_seconds()) > 0:
            jumped = self._jumped
            try:
                async with asyncio.timeout(left):
                    await jumped.wait()
            except TimeoutError:
                return
