"""A network between a store and PostgreSQL that can be cut, at the worst moments too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit


class Cut(StrEnum):
    """What the network does to the next COMMIT, or to everything."""

    NOTHING = "nothing"
    BEFORE_COMMIT = "before"  #: COMMIT never reaches the server
    AFTER_COMMIT = "after"  #: the server commits, its answer never comes back
    ALL = "all"  #: nobody gets through


class Proxy:
    """Forwards to the server of a DSN; `dsn` is the way through it."""

    def __init__(self, dsn: str) -> None:
        self._to = urlsplit(dsn)
        self.cut = Cut.NOTHING
        self.commits_cut = 0
        self._streams: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.dsn = urlunsplit(self._to._replace(netloc=f"{self._to.username}@127.0.0.1:{port}"))

    async def stop(self) -> None:
        self._server.close()
        self.break_all()
        await asyncio.sleep(0.01)

    def break_all(self) -> None:
        """Drop every connection."""
        for stream in self._streams:
            stream.transport.abort()
        self._streams.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut is Cut.ALL:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._streams |= {writer, back}
        ways = [asyncio.create_task(self._up(reader, back, writer)), asyncio.create_task(self._down(there, writer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)  # an end that closes, closes the other
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for stream in (writer, back):
            stream.transport.abort()

    async def _up(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if b"COMMIT;" in data and self.cut in {Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT}:
                if self.cut is Cut.AFTER_COMMIT:
                    back.write(data)
                    await asyncio.sleep(0.2)  # the server has committed by then
                self.cut = Cut.NOTHING
                self.commits_cut += 1
                writer.transport.abort()
                back.transport.abort()
                return
            back.write(data)

    async def _down(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await there.read(65536):
            if self.cut is not Cut.AFTER_COMMIT or b"COMMIT" not in data:
                writer.write(data)


@asynccontextmanager
async def through_proxy(dsn: str) -> AsyncIterator[Proxy]:
    """Run a proxy before a server."""
    proxy = Proxy(dsn)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
