"""What is urgent goes ahead of what is not, wherever both wait for the same thing in one process.

Whoever works on something urgent says so once, for all that it does from there on (`ahead`); who lets others wait asks
it (`goes_ahead`): the writer, which never commits it together with the rest, the writing connection (`Turns`), and the
questions to name servers. It changes the order of what waits, and nothing of what is done.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_AHEAD: Final = ContextVar("ahead", default=False)


def goes_ahead() -> bool:
    """Tell whether what this task does is urgent."""
    return _AHEAD.get()


@contextmanager
def ahead(*, urgent: bool = True) -> Iterator[None]:
    """Say whether all that is done within is urgent, by the tasks that are begun there as well."""
    before = _AHEAD.set(urgent)
    try:
        yield
    finally:
        _AHEAD.reset(before)


class Turns:
    """One at a time, as by a lock; of those who wait, the urgent ones first, each in the order in which it came."""

    def __init__(self) -> None:
        """It is nobody's turn."""
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._rest: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        """Wait for the turn."""
        if not self._taken:
            self._taken = True
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._urgent if goes_ahead() else self._rest).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # it came at the same moment: the next one has it
                self._pass_on()
            raise

    async def __aexit__(self, *_: object) -> None:
        """Give the turn to the next one."""
        self._pass_on()

    def _pass_on(self) -> None:
        for line in (self._urgent, self._rest):
            while line:
                turn = line.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._taken = False
