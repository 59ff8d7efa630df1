"""How much of unfinished bodies is held in memory, by everybody together and by each caller.

A body is held from its first byte until its request ends. Who would need more than there is comes again: a caller with
many large bodies delays itself and nobody else.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request

from router.errors import Unavailable

#: Bytes for all, and for one caller: two of the largest reports.
MOST: Final = 64 * 1024 * 1024
MOST_OF_ONE: Final = 32 * 1024 * 1024
#: Where a request's share stands in its scope.
SHARE: Final = "router.share"
_NOBODY: Final = "nobody"


@dataclass(slots=True)
class Room:
    """The memory of one application."""

    most: int = MOST
    most_of_one: int = MOST_OF_ONE
    held: int = 0
    _of: Counter[str] = field(default_factory=Counter)

    def take(self, caller: str, size: int) -> None:
        """Take so many bytes. Raise Unavailable when they are not there."""
        if self.held + size > self.most or self._of[caller] + size > self.most_of_one:
            raise Unavailable(
                "Many large bodies arrive at once; send this again shortly, or one after another.",
                reason="too_many_bodies",
                retry_after=5,
            )
        self.held += size
        self._of[caller] += size

    def give(self, caller: str, size: int) -> None:
        """Give so many bytes back."""
        self.held -= size
        self._of[caller] -= size
        if not self._of[caller]:
            del self._of[caller]


@dataclass(slots=True)
class Share:
    """What one request holds of the room; all of it is given back when the request ends."""

    room: Room
    caller: str = _NOBODY
    held: int = 0

    def take(self, size: int) -> None:
        """Take so many bytes more. Raise Unavailable."""
        self.room.take(self.caller, size)
        self.held += size

    def give(self) -> None:
        """Give everything back."""
        self.room.give(self.caller, self.held)
        self.held = 0


def share_of(request: Request) -> Share:
    """Return the share of a request, in the name of whoever is known to send it."""
    share: Share | None = request.scope.get(SHARE)
    if share is None:  # an application without our middleware, as in tests of one part
        share = request.scope[SHARE] = Share(Room())
    if share.caller == _NOBODY and not share.held and hasattr(request.state, "actor"):
        share.caller = str(request.state.actor.id)
    return share
