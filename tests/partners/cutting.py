"""The wire to a partner, cut after any byte: a relay on loopback that stands between our side and the real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from schemas.trace import Ip


class Cut(StrEnum):
    """Which way the bytes go that are counted."""

    OURS = "ours"  #: what we say
    THEIRS = "theirs"  #: what they answer


class Places(Protocol):
    """Where a test's servers are reached (`tests/loopback.Loopback`)."""

    hosts: dict[str, list[Ip]]
    ports: dict[tuple[str, int], int]


@dataclass
class Wire:
    """A relay to one port. After `at` bytes in its direction both ends are closed; None counts only."""

    direction: Cut
    at: int | None
    to: int
    passed: int = 0
    cut: asyncio.Event = field(default_factory=asyncio.Event)  #: set once it was
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.to)
        self._open |= {writer, back}
        with suppress(ConnectionError):
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, back, counted=self.direction is Cut.OURS))
                both.create_task(self._pump(there, writer, counted=self.direction is Cut.THEIRS))
        self.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool) -> None:
        while chunk := await reader.read(65_536):
            if counted and self.at is not None and self.passed + len(chunk) >= self.at:
                writer.write(chunk[: self.at - self.passed])
                self.passed = self.at
                self.cut.set()
                with suppress(ConnectionError):
                    await writer.drain()
                self.close()
                return
            self.passed += len(chunk) if counted else 0
            writer.write(chunk)
            await writer.drain()
        with suppress(OSError):
            writer.write_eof()

    def close(self) -> None:
        """Close what is open; what was written is still delivered."""
        for writer in self._open:
            writer.close()
        self._open.clear()


@asynccontextmanager
async def cut(places: Places, host: str, direction: Cut, at: int | None) -> AsyncIterator[Wire]:
    """Put a relay before a host, for connections that are made from now on."""
    ((ip, port),) = [key for key in places.ports if key[0] in {str(one) for one in places.hosts[host]}]
    wire = Wire(direction, at, places.ports[ip, port])
    server = await asyncio.start_server(wire.relay, "127.0.0.1", 0)
    places.ports[ip, port] = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        places.ports[ip, port] = wire.to
        server.close()
        wire.close()
        for _ in range(5):  # whoever was cut off in the middle of its work ends it
            await asyncio.sleep(0.002)
