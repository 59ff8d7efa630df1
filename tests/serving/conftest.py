"""A server on loopback around a small application, with the connections that it holds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from router.serving import deadlines
from router.serving.connections import Held
from router.serving.listen import listening_socket, served


@dataclass
class Site:
    """Where it listens, and who is there."""

    port: int
    held: Held
    bodies: list[bytes]
    calls: list[asyncio.StreamWriter] = field(default_factory=list)

    async def call(self, sent: bytes = b"", **more: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, **more)
        self.calls.append(writer)
        writer.write(sent)
        return reader, writer

    async def get(self) -> bytes:
        reader, _ = await self.call(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        return (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n")[0]

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(100):
            if holds():
                return
            await asyncio.sleep(0.1)
        pytest.fail("it never held")

    async def hang_up(self) -> None:
        for writer in self.calls:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines of a second or two."""
    for name in ("HEAD_SECONDS", "SLOW_SECONDS", "UNREAD_SECONDS", "CLOSING_SECONDS"):
        monkeypatch.setattr(deadlines, name, 0.9)


@pytest.fixture
def site() -> Callable[..., AbstractAsyncContextManager[Site]]:
    @asynccontextmanager
    async def opened(most: int = 50, per_address: int = 50, **tls: Any) -> AsyncIterator[Site]:
        bodies: list[bytes] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            body, more = b"", scope["path"] == "/read"
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                body, more = body + message["body"], message["more_body"]
            bodies.append(body)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            size = 50_000_000 if scope["path"] == "/much" else 2
            await send({"type": "http.response.body", "body": b"x" * size})

        held, listener = Held(most, per_address), listening_socket("127.0.0.1", 0)
        async with served(app, listener, held, **tls):
            here = Site(listener.getsockname()[1], held, bodies)
            try:
                yield here
            finally:
                await here.hang_up()

    return opened
