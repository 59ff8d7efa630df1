"""An answer that begins before its request has ended, and never makes one wait for the other.

Some clients read while they send, others send all first. To wait with reading until an answer is taken would leave the
second kind and us waiting for each other for ever; so what they do not take yet is set aside, in memory while it is
little and else in a file without a name.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Final, Self

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

#: Bytes that are set aside in memory, and that are sent at once.
IN_MEMORY: Final = 1024 * 1024
_AT_ONCE: Final = 64 * 1024


class Streamed(Response):
    """A response whose parts are made while the request is read. The connection ends with it."""

    def __init__(self, parts: AsyncIterator[bytes], media_type: str) -> None:
        """Take the parts; they are asked for when the answer has begun."""
        self._parts = parts
        self.status_code = 200
        self.media_type = media_type
        self.background = None
        # The body may end unread, and a connection whose next request hides in it is of no use.
        self.init_headers({"connection": "close"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send the answer."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with Aside() as aside:
            sending = asyncio.create_task(_send(aside, send))
            try:
                async for part in self._parts:
                    aside.put(part)
                aside.end()
                await sending
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError):
                    await sending
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Aside:
    """Bytes between one who makes them and one who takes them; both in one event loop. Open it with `with`."""

    def __init__(self) -> None:
        """Begin empty."""
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._put = self._taken = 0
        self._ended = False
        self._news = asyncio.Event()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget what was not taken."""
        self._file.close()

    def put(self, part: bytes) -> None:
        """Set bytes aside."""
        self._file.seek(self._put)
        self._file.write(part)
        self._put += len(part)
        self._news.set()

    def end(self) -> None:
        """Say that nothing more comes."""
        self._ended = True
        self._news.set()

    async def take(self) -> bytes:
        """Return the next bytes, when there are some; none at the end."""
        while self._taken == self._put and not self._ended:
            self._news.clear()
            await self._news.wait()
        self._file.seek(self._taken)
        part = self._file.read(_AT_ONCE)
        self._taken += len(part)
        if self._taken == self._put:  # all is taken: begin at the front again, so that the file stays small
            self._file.seek(0)
            self._file.truncate()
            self._put = self._taken = 0
        return part


async def _send(aside: Aside, send: Send) -> None:
    while part := await aside.take():
        await send({"type": "http.response.body", "body": part, "more_body": True})
