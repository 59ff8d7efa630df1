"""The connections of one server: uvicorn's protocol, and who of them must go.

When there is no room for another, the one goes that has waited longest without a request; so many who only hold a place
keep nobody out. One address may hold a part of all places; this machine's own addresses, where a proxy may stand for
everybody, are not counted.
"""

import asyncio
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from router.serving.deadlines import Deadlines, Phase, Seen

#: Answers that go on until somebody hangs up: what pages are told while they are open.
ENDLESS: Final = frozenset({"/desk/news"})
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(H11Protocol):
    """One connection that counts what it received, and can be told to go."""

    def __init__(self, *args: Any, held: "Held", **kwargs: Any) -> None:
        """As uvicorn makes it; `held` keeps account of all of them."""
        super().__init__(*args, **kwargs)
        self._held = held
        self._received = 0
        self._requests = 0
        self._counted: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a place, or be refused one."""
        super().connection_made(transport)
        self._held.arrive(self, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._held.leave(self)
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Say goodbye. An answer that has no end of its own is not waited for."""
        super().shutdown()
        scope = getattr(self.cycle, "scope", {})  # there is none before the first request
        if scope.get("path") in ENDLESS:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Count, and pass on; nothing that arrives after our goodbye is looked at."""
        if self.transport.is_closing():
            return
        self._received += len(data)
        super().data_received(data)

    @property
    def address(self) -> str | None:
        """Return the other side's address, None for this machine's own and for what has none."""
        host = self.client[0] if self.client else ""
        try:
            return None if ip_address(host.partition("%")[0]).is_loopback else host
        except ValueError:
            return None

    @property
    def phase(self) -> Phase:
        """Return what the connection is doing."""
        if self.transport.is_closing():
            return Phase.CLOSING
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None:
            return Phase.HEAD
        if cycle.more_body:
            return Phase.LEFTOVER if cycle.response_complete else Phase.BODY
        return Phase.HEAD if cycle.response_complete else Phase.ANSWER

    def seen(self) -> Seen:
        """Return what is to be judged now."""
        if self.cycle is not self._counted:
            self._counted = self.cycle
            self._requests += 1
        return Seen(self.phase, self._requests, self._received, self.flow.read_paused, self.flow.write_paused)

    def refuse(self) -> None:
        """Say that there is no room."""
        self.transport.write(_BUSY)
        self.transport.close()

    def let_go(self) -> None:
        """End the connection: politely when nothing of an answer was sent, at once when goodbyes were said before."""
        phase = self.phase
        if phase is Phase.CLOSING or self.flow.write_paused:
            self.transport.abort()
            return
        begun = phase is Phase.HEAD and self._received > 0 and self._requests == 0
        if begun or (phase is Phase.BODY and not self.cycle.response_started):
            self.transport.write(_LATE)
        self.transport.close()


@dataclass(slots=True)
class Held:
    """Who holds a place. `most` places in all, `per_address` for one address that is not this machine's."""

    most: int
    per_address: int
    _all: dict[Connection, Deadlines] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all)

    def arrive(self, connection: Connection, now: float) -> None:
        """Give a connection a place, if need be that of one who only waits; or refuse it."""
        address = connection.address
        same = [one for one in self._all if address is not None and one.address == address]
        crowd = same if len(same) >= self.per_address else list(self._all) if len(self) >= self.most else []
        self._all[connection] = Deadlines(now)
        if not crowd:
            return
        waiting = [one for one in crowd if one.phase in {Phase.HEAD, Phase.CLOSING, Phase.LEFTOVER}]
        if not waiting:
            connection.refuse()
            return
        longest = min(waiting, key=lambda one: self._all[one].since)
        longest.transport.abort()
        self.leave(longest)

    def leave(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        self._all.pop(connection, None)

    def judge(self, now: float) -> None:
        """Let those go whose deadline has passed; called once a second."""
        for connection, deadlines in list(self._all.items()):
            if deadlines.passed(connection.seen(), now):
                connection.let_go()
