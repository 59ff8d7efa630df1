"""A reported host on loopback, and an office that may ask it whether it is still there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path

from router.hosting.probe import Prober
from router.store.base import Row
from router.store.schema.tables import probes
from tests.casebook import Casebook
from tests.loopback import Loopback

HOST = "example.test"
OURS = (ip_address("127.0.0.9"),)
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\n\r\n"


@dataclass
class Host:
    """Answers each request with what the test wrote down, and remembers what it was told."""

    net: Loopback
    says: bytes = b"HTTP/1.1 200 OK\r\n\r\n"
    heard: list[str] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(self.says)
        await writer.drain()
        await reader.read(-1)

    def leaves(self) -> None:
        """From now on nobody listens there."""
        self.net.ports = dict.fromkeys(self.net.ports, _CLOSED)

    def shown(self) -> list[str | None]:
        """The referrer of each request."""
        found = [[line for line in one.split("\r\n") if line.startswith("Referer: ")] for one in self.heard]
        return [one[0].removeprefix("Referer: ") if one else None for one in found]


#: A port on which nothing listens: whatever needs it is a service of the system, and is not here.
_CLOSED = 1


@asynccontextmanager
async def asking(book: Casebook, folder: Path, name: str = HOST) -> AsyncIterator[Host]:
    """Let the office ask reported hosts, and let a host answer over HTTPS."""
    net = Loopback(folder)
    host = Host(net)
    await net.listen(name, host.talk)
    net.ports["3.120.0.1", 80] = net.ports["3.120.0.1", 443]
    book.ctx = replace(book.ctx, prober=Prober(await net.egress(), OURS, 2.0))
    try:
        yield host
    finally:
        await net.close()


async def kept(book: Casebook) -> list[Row]:
    """Every probe that was made."""
    return await book.rows(probes)
