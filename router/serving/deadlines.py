"""How long a connection may take, judged once a second from what it did since. Pure.

The server must never be the one who waits: for the rest of a request line, for a body that comes by the byte, for a
reader who does not read. What we ourselves take for an answer has no deadline here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

#: Seconds until a whole head of a request has come; also the longest pause between two requests.
HEAD_SECONDS: Final = 10.0
#: Bytes a second that a body must bring, and seconds for which it may bring less. A modem brought four times as much.
LEAST_RATE: Final = 1024
SLOW_SECONDS: Final = 15.0
#: Seconds for one whole body, however steady it comes.
BODY_SECONDS: Final = 600.0
#: Seconds for which what we wrote may stay unread, and for the last of it once we have said goodbye.
UNREAD_SECONDS: Final = 60.0
CLOSING_SECONDS: Final = 10.0


class Phase(StrEnum):
    """What a connection is doing."""

    HEAD = "head"  #: we wait for a request
    BODY = "body"  #: we wait for the rest of a request
    ANSWER = "answer"  #: they wait for us
    LEFTOVER = "leftover"  #: answered, and the request still comes
    CLOSING = "closing"  #: what we wrote last is on its way


@dataclass(frozen=True, slots=True)
class Seen:
    """A connection at one moment."""

    phase: Phase
    requests: int  #: begun on it so far
    received: int  #: bytes, in all
    read_paused: bool  #: we do not read just now: it cannot send
    write_paused: bool  #: it does not read just now: we cannot send


@dataclass(slots=True)
class Deadlines:
    """What is known of one connection since it began, or since it last changed what it does. Times in seconds."""

    since: float
    _last: Seen | None = None
    _slow: float = 0.0
    _unread: float = 0.0
    _looked: float = 0.0

    def __post_init__(self) -> None:
        """Begin to count now."""
        self._looked = self.since

    def passed(self, seen: Seen, now: float) -> bool:
        """Return whether a deadline passed. Call it about once a second with what is seen now."""
        last, step, self._last, self._looked = self._last, now - self._looked, seen, now
        if last is None or (last.phase, last.requests) != (seen.phase, seen.requests):
            self.since, self._slow = (self.since if last is None else now), 0.0
        elif seen.read_paused or seen.received - last.received >= LEAST_RATE * step:
            self._slow = 0.0
        else:
            self._slow += step
        self._unread = self._unread + step if seen.write_paused else 0.0
        return self._unread > UNREAD_SECONDS or self._waited_enough(seen.phase, now - self.since)

    def _waited_enough(self, phase: Phase, waited: float) -> bool:
        match phase:
            case Phase.HEAD:
                return waited > HEAD_SECONDS
            case Phase.BODY:
                return waited > BODY_SECONDS or self._slow > SLOW_SECONDS
            case Phase.CLOSING:
                return waited > CLOSING_SECONDS
            case Phase.LEFTOVER:
                return True
            case Phase.ANSWER:
                return False
