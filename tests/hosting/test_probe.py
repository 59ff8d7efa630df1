"""A probe of real servers on loopback that behave in every way a reported host could: each comes to one finding.

None takes longer than the wall, or holds more than a few thousand octets, and nothing that a server said is kept but
its status.
"""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web

from router.hosting.probe import Prober
from schemas.probe import Probed, ProbeFinding
from tests.guard.test_head import closed_port
from tests.loopback import Loopback, Raw

HOST = "pages.test"
PLAIN = f"http://{HOST}/page"
SAFE = f"https://{HOST}/page"
OURS = (ip_address("127.0.0.9"),)
WALL = 0.3


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


async def probed(net: Loopback, url: str = PLAIN, referrer: str | None = None) -> Probed:
    return await Prober(await net.egress(), OURS, WALL).head(url, referrer)


def saying(*parts: bytes, endless: bytes = b"", every: float = 0.0) -> Raw:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
        while endless:
            writer.write(endless)
            await writer.drain()
            await asyncio.sleep(every)
        await writer.drain()
        await reader.read(-1)

    return talk


ANSWERED = {
    "ok": (saying(b"HTTP/1.1 200 OK\r\n\r\n"), 200),
    "a body that a HEAD does not have, without an end": (saying(b"HTTP/1.1 200 OK\r\n\r\n", endless=b"x" * 65536), 200),
    "headers without an end": (saying(b"HTTP/1.1 200 OK\r\n", endless=b"X-More: " + b"y" * 65000 + b"\r\n"), 200),
    "not allowed": (saying(b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n\r\n"), 405),
    "not made": (saying(b"HTTP/1.1 501 Not Implemented\r\n\r\n"), 501),
    "gone by its own word": (saying(b"HTTP/1.1 404 Not Found\r\n\r\n"), 404),
    "away": (saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n"), 302),
    "at the edge of interim answers": (saying(b"HTTP/1.1 102 P\r\n\r\n" * 7, b"HTTP/1.1 503 Away\r\n\r\n"), 503),
}
NO_HTTP = {
    "a flood of interim answers": saying(endless=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a slow drip": saying(endless=b"H", every=0.1),
    "a slow drip that begins well": saying(b"HTTP/1.1 10", endless=b"0", every=0.1),
    "HTTP/0.9": saying(b"<html><title>this is not a header</title>"),
    "garbage without an end": saying(endless=b"\x00\xff" * 30_000),
    "silence": saying(),
    "an interim answer with huge headers": saying(b"HTTP/1.1 100 Go\r\n", endless=b"A: " + b"b" * 65000 + b"\r\n"),
}


@pytest.mark.parametrize(("talk", "status"), ANSWERED.values(), ids=ANSWERED.keys())
async def test_what_answers_is_there_whatever_it_says(net: Loopback, talk: Raw, status: int) -> None:
    await net.listen(HOST, talk, plain=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert await probed(net) == Probed(finding=ProbeFinding.ANSWERED, status=status)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32_000, "kilobytes"
    assert net.lookups == [HOST], "nothing is followed"


@pytest.mark.parametrize("talk", NO_HTTP.values(), ids=NO_HTTP.keys())
async def test_what_takes_it_and_says_nothing_that_can_be_read_is_there_too(net: Loopback, talk: Raw) -> None:
    await net.listen(HOST, talk, plain=True)
    began = asyncio.get_running_loop().time()
    assert await probed(net) == Probed(finding=ProbeFinding.NO_HTTP)
    assert asyncio.get_running_loop().time() - began < WALL + 0.5


async def test_a_host_that_answers_only_with_the_referrer(net: Loopback) -> None:
    async def cloaks(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.headers.get("Referer") == "https://forum.test/t" else 404)

    await net.serve(HOST, cloaks)
    assert (await probed(net, SAFE)).status == 404
    assert (await probed(net, SAFE, "https://forum.test/t")).status == 200


@pytest.mark.parametrize("names", [("other.test", False), (HOST, True)], ids=["of another", "expired"])
async def test_a_certificate_that_is_not_valid(net: Loopback, names: tuple[str, bool]) -> None:
    """Somebody took the connection; the request, which says what was reported, did not leave."""
    name, expired = names
    heard: list[str] = []

    async def note(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.Response()

    await net.serve(HOST, note, tls=net.certificate(name, expired=expired))
    assert await probed(net, SAFE) == Probed(finding=ProbeFinding.NO_HTTP)
    assert heard == []


@pytest.mark.parametrize("talk", [saying(b"HTTP/1.1 400 Bad\r\n\r\n"), saying()], ids=["plain", "mute"])
async def test_a_server_that_agrees_on_no_encryption(net: Loopback, talk: Raw) -> None:
    await net.listen(HOST, talk, plain=True)
    net.ports["3.120.0.1", 443] = net.ports["3.120.0.1", 80]
    assert await probed(net, SAFE) == Probed(finding=ProbeFinding.NO_HTTP)


def _nowhere(net: Loopback) -> None:
    net.place(HOST, "3.120.0.1", 80, closed_port())


def _private(net: Loopback) -> None:
    net.place(HOST, "10.0.0.1", 80, 1)


def _nameless(net: Loopback) -> None:
    net.hosts.clear()


def _beyond_our_kind(net: Loopback) -> None:
    net.place(HOST, "3.120.0.1", 80, 1)
    net.dial = lambda _ip, _port: ("::1", 1)  # type: ignore[method-assign] # an address of a kind that is not ours


@pytest.mark.parametrize(
    ("place", "finding"),
    [
        (_nowhere, ProbeFinding.REFUSED),
        (_private, ProbeFinding.NOT_CALLED),
        (_nameless, ProbeFinding.NOT_CALLED),
        (_beyond_our_kind, ProbeFinding.NOT_CALLED),
    ],
)
async def test_nobody_takes_it(net: Loopback, place: Callable[[Loopback], None], finding: ProbeFinding) -> None:
    place(net)
    assert await probed(net) == Probed(finding=finding)


async def test_a_silent_address_is_no_refusal(net: Loopback) -> None:
    """One refused and one that is silent: whoever is behind the second may be there."""
    with silent_port() as port:
        net.place(HOST, "3.120.0.1", 80, closed_port())
        net.place(HOST, "3.120.0.2", 80, port)
        assert await probed(net) == Probed(finding=ProbeFinding.UNREACHABLE)


@contextmanager
def silent_port() -> Iterator[int]:
    """A port of loopback that neither takes nor refuses a connection: nobody accepts, and its queue is full."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as server, ExitStack() as waiting:
        for _ in range(2):
            one = waiting.enter_context(closing(socket.socket()))
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        yield int(server.getsockname()[1])


@pytest.mark.parametrize("url", ["ftp://pages.test/", "http://127.0.0.1/", "http://0x7f.1/", "http://a:b@pages.test/"])
async def test_what_is_no_place_of_the_web_is_not_called(net: Loopback, url: str) -> None:
    assert await probed(net, url) == Probed(finding=ProbeFinding.NOT_CALLED)
    assert net.lookups == []
