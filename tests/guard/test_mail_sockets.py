"""However a relay ends a letter, the next connection is its own: nothing of the old one reaches it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final, Literal

import pytest

from router.errors import RouterError
from router.guard.egress import Egress
from router.guard.mail import post
from schemas.alarm import Relay
from tests.guard.test_mail import letter
from tests.loopback import Loopback

HERE: Final = "127.0.0.1"
#: What the relay is asked, in order: it may do something odd at each.
STEPS: Final = ("greeting", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", ".", "QUIT")
Oddity = Literal["stays", "silent", "closes", "resets", "refuses", "garbles"]
ODDITIES: Final[tuple[Oddity, ...]] = ("stays", "silent", "closes", "resets", "refuses", "garbles")
_ANSWERS: Final = {
    "greeting": b"220 relay.test\r\n",
    "EHLO": b"250-relay.test\r\n250 STARTTLS\r\n",
    "STARTTLS": b"220 go on\r\n",
    "DATA": b"354 go on\r\n",
    "QUIT": b"221 bye\r\n",
}


class OddRelay:
    """A relay that is odd at one step, and after its last answer keeps the connection open until it is told."""

    def __init__(self, tls: ssl.SSLContext, step: str, oddity: Oddity, *, at_once: bool) -> None:
        self._tls, self._step, self._oddity, self._at_once = tls, step, oddity, at_once
        self.over = asyncio.Event()
        self.asked: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, ValueError):
            await self._talk(reader, writer)
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(self.over.wait(), 10)
        writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not await self._answer("greeting", writer):
            return
        while line := await reader.readline():
            step = line.split()[0].decode().upper() if line.split() else ""
            if not await self._answer(step, writer):
                return
            if step == "DATA":
                await reader.readuntil(b"\r\n.\r\n")
                if not await self._answer(".", writer):
                    return
            if step == "STARTTLS":
                await writer.start_tls(self._tls)

    async def _answer(self, step: str, writer: asyncio.StreamWriter) -> bool:
        """Answer one step; return whether the talk goes on."""
        self.asked.append(step)
        odd = step == self._step
        if odd and self._oddity == "silent":
            return False
        if odd and self._oddity in ("closes", "resets"):
            writer.close() if self._oddity == "closes" else writer.transport.abort()
            return False
        said = _ANSWERS.get(step, b"250 fine\r\n")
        if odd and self._oddity == "refuses":
            said = b"554 no\r\n"
        if odd and self._oddity == "garbles":
            said = b"\xff\x00 no line of this protocol\r\n"
        writer.write(said)
        await writer.drain()
        return step != "QUIT"


@asynccontextmanager
async def odd_relay(tls: ssl.SSLContext, step: str, oddity: Oddity, *, at_once: bool) -> AsyncIterator[OddRelay]:
    relay = OddRelay(tls, step, oddity, at_once=at_once)
    server = await asyncio.start_server(relay.serve, HERE, 0, ssl=tls if at_once else None)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        relay.over.set()
        server.close()


@pytest.mark.parametrize("oddity", ODDITIES)
@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_the_next_connection_is_its_own(net: Loopback, tls: str, oddity: Oddity) -> None:
    egress, certificate = await net.egress(), net.certificate(HERE)
    steps = [step for step in STEPS if tls == "starttls" or step != "STARTTLS"]
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(_echoing())
        relays = [
            await stack.enter_async_context(odd_relay(certificate, step, oddity, at_once=tls == "tls"))
            for step in steps
        ]
        await asyncio.gather(*(_hand(egress, relay, tls) for relay in relays))
        assert [step for step, relay in zip(steps, relays, strict=True) if step not in relay.asked] == []
        await _speaks(egress, port)
        for relay in relays:
            relay.over.set()  # the old connection's other end comes to an end only now
        await _speaks(egress, port)


async def _hand(egress: Egress, relay: OddRelay, tls: str) -> None:
    given = Relay.model_validate({"host": HERE, "port": relay.port, "sender": "router@hotline.test", "tls": tls})
    with suppress(RouterError):
        await post(egress, given, letter(), to="duty@hotline.test", password=None, deadline=2.0)


@asynccontextmanager
async def _echoing() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(100):
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(echo, HERE, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def _speaks(egress: Egress, port: int) -> None:
    """Prove that new connections, with the numbers that are free now, say and hear what is theirs."""
    loop = asyncio.get_running_loop()
    taken = [await egress.socket(HERE, port) for _ in range(12)]
    for one in taken:
        await loop.sock_sendall(one, b"is it you?")
    opened = [await asyncio.open_connection(sock=one) for one in taken]
    await asyncio.sleep(0.01)
    for reader, writer in opened:
        async with asyncio.timeout(2):
            assert await reader.readexactly(10) == b"is it you?"
            writer.write(b"still you?")
            assert await reader.readexactly(10) == b"still you?"
        writer.close()
