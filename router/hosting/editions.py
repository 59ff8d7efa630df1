"""The embedded data in force, followed while they are refreshed: an edition is opened, used, retired and closed.

A refresh leaves new sets behind a link (`data/refresh.py`); a running process looks at the link now and then, opens
what it finds in a thread, and lets all that starts from then on answer from it. What is under way answers from the
edition it began with, so no trace mixes two of them; the last one out closes the files. Sets that cannot be opened
change nothing.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol

from router.data import DataSets
from router.errors import RouterError
from router.hosting.trace import Judge

#: Seconds between two looks at the link.
LOOK_EVERY: Final = 60.0


@dataclass(slots=True, eq=False)
class Edition:
    """Sets that are open, and the sources over them."""

    data: DataSets
    sources: Judge
    close: Callable[[], None]
    users: int = 0
    retired: bool = False

    def leave(self) -> None:
        """Note that one user is done; the last one of a retired edition closes it."""
        self.users -= 1
        self._close_unused()

    def retire(self) -> None:
        """Close it as soon as nobody uses it."""
        self.retired = True
        self._close_unused()

    def _close_unused(self) -> None:
        if self.retired and self.users == 0:
            self.close()


class Opener(Protocol):
    """Opens what is in force."""

    def marker(self) -> object:
        """Return something that differs when something else is in force."""
        ...

    def open(self) -> Edition:
        """Open what is in force. Raise CannotStart when it cannot be used."""
        ...


class Editions:
    """The edition in force, for the tasks of one event loop."""

    def __init__(self, opener: Opener) -> None:
        """Open what is in force now. Raise CannotStart."""
        self._opener = opener
        self._marker = opener.marker()  # read before opening: what is swapped in between is found at the next look
        self._now = opener.open()

    @property
    def data(self) -> DataSets:
        """The sets in force."""
        return self._now.data

    def held(self) -> AbstractContextManager[Judge]:
        """Return the sources in force, which stay open and the same until the context is left."""
        return _Held(self._now)

    async def look(self) -> bool:
        """Take up what is in force now; return whether that is something else. Raise CannotStart, changing nothing."""
        marker = self._opener.marker()
        if marker == self._marker:
            return False
        opened = await asyncio.to_thread(self._opener.open)  # every file is read once for its checksum
        before, self._now, self._marker = self._now, opened, marker
        before.retire()
        return True

    async def follow(self, every: float = LOOK_EVERY) -> None:
        """Look again and again until cancelled. Sets that cannot be opened are told to the operator, not used."""
        from router.guard.log import get_log  # `locate` follows nothing, and starts quicker without a log

        while True:
            await asyncio.sleep(every)
            try:
                if await self.look():
                    get_log("data").info("data_sets_taken_up", sets=len(self.data.infos))
            except (RouterError, OSError) as error:
                get_log("data").warning("data_sets_unusable", error=type(error).__name__)

    def close(self) -> None:
        """Close what is in force once nobody uses it."""
        self._now.retire()


class _Held:
    """One use of an edition. A class, as a generator would cost the hot path a microsecond."""

    __slots__ = ("_edition",)

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    def __enter__(self) -> Judge:
        self._edition.users += 1
        return self._edition.sources

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._edition.leave()
