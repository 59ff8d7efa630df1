"""Work that many callers want at the same time, done for all of them at once.

As the writer groups commits: while one group is worked on, the next one gathers, and nobody waits for company. To a
partner that takes one referral a request, thirty-two requests are under way; asking the database for each of them
alone costs more than the requests.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
B = TypeVar("B")


class Coalescer(Generic[A, B]):
    """Calls `work` for what has gathered; each caller gets the answers to what it gave, in order."""

    def __init__(self, work: Callable[[Sequence[A]], Awaitable[Sequence[B]]]) -> None:
        """`work` answers each thing it is given, in order. What it raises, all of its group get."""
        self._work = work
        self._waiting: list[tuple[Sequence[A], asyncio.Future[Sequence[B]]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, given: Sequence[A]) -> Sequence[B]:
        """Return the answers, worked out with whatever else has gathered."""
        future: asyncio.Future[Sequence[B]] = asyncio.get_running_loop().create_future()
        self._waiting.append((given, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                answers = await self._work([one for given, _ in group for one in given])
            except Exception as error:  # noqa: BLE001 - it is the answer to those who asked
                _tell(group, error)
                continue
            at = 0
            for given, future in group:
                if not future.done():
                    future.set_result(answers[at : at + len(given)])
                at += len(given)


def _tell(group: Sequence[tuple[Sequence[A], asyncio.Future[Sequence[B]]]], error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
