"""How many calls to one partner are under way at once, and who has the next place: what is urgent, whatever waits."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

#: Makes what a call holds while it is under way.
Place = Callable[[], AbstractAsyncContextManager[None]]


class Places:
    """The places of one partner in this process."""

    def __init__(self, count: int) -> None:
        """`count` calls may be under way at once."""
        self.count = count
        self._free = asyncio.Semaphore(count)
        self._door = asyncio.Lock()

    @asynccontextmanager
    async def for_urgent(self) -> AsyncIterator[None]:
        """Hold a place; before it comes one other at most that waits, and what is urgent too."""
        async with self._free:
            yield

    @asynccontextmanager
    async def for_rest(self) -> AsyncIterator[None]:
        """Hold a place; one waits for it, and all others at the door behind that one."""
        async with self._door:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()
