"""One HEAD to real servers: what is said, from where, and that nothing but a status comes of any answer."""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from router.errors import EgressRefused, NoAnswer, NotSent, RouterError
from router.guard.head import is_ours
from router.guard.target import Purpose
from schemas.trace import Ip
from tests.loopback import Loopback

HOST = "pages.test"
IP = "3.120.0.1"
OURS: Sequence[Ip] = (ip_address("127.0.0.9"),)


class Server:
    """Answers with some octets, and remembers what it was told, by whom."""

    def __init__(self, *said: bytes) -> None:
        self.said = said
        self.heard: list[bytes] = []
        self.peers: list[str] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peers.append(writer.get_extra_info("peername")[0])
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        for part in self.said:
            writer.write(part)
            await writer.drain()
        await reader.read(-1)


async def status(
    net: Loopback, url: str, *, sources: Sequence[Ip] = OURS, deadline: float = 5.0, **headers: str
) -> int:
    egress = await net.egress()
    return await egress.head(url, headers=headers, sources=sources, deadline=deadline, purpose=Purpose.PROBE)


async def fails(net: Loopback, url: str, **options: object) -> RouterError:
    with pytest.raises(RouterError) as failed:
        await status(net, url, **options)  # type: ignore[arg-type] # the options of `status`
    said = f"{failed.value!r} {failed.value.message} {failed.value.reason}"
    assert not any(word in said for word in ("canary", HOST, IP, "127.0.0", "[SSL", "Errno"))
    assert failed.value.__cause__ is None
    return failed.value


async def test_one_request_is_said_from_our_own_address_as_it_was_reported(net: Loopback) -> None:
    server = Server(b"HTTP/1.1 204 None\r\n\r\n")
    await net.listen(HOST, server.talk)
    assert await status(net, f"https://{HOST}/a%2Fcanary?b=%20c#key", Referer="https://forum.test/t") == 204
    assert server.peers == ["127.0.0.9"]
    said = (
        "HEAD /a%2Fcanary?b=%20c HTTP/1.1",
        "Host: pages.test",
        "Accept: */*",
        "Connection: close",
        "Referer: https://forum.test/t",
    )
    assert server.heard == ["\r\n".join((*said, "", "")).encode()]


async def test_an_address_written_out_and_a_port_are_named_to_the_server(net: Loopback) -> None:
    server = Server(b"HTTP/1.0 404 Gone\r\n\r\n")
    await net.listen(HOST, server.talk, port=8080)
    assert await status(net, f"http://{IP}:8080/") == 404
    assert await status(net, f"http://{HOST}:8080/") == 404
    assert [one.split(b"\r\n")[1] for one in server.heard] == [b"Host: 3.120.0.1:8080", b"Host: pages.test:8080"]


async def test_interim_answers_are_passed_over(net: Loopback) -> None:
    server = Server(b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n", b"HTTP/1.1 100 Go on\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n")
    await net.listen(HOST, server.talk, plain=True)
    assert await status(net, f"http://{HOST}/") == 200


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((b"HTTP/1.1 100 Go on\r\n\r\n" * 9,), "too_long"),
        ((b"HTTP/1.1 100 Go on\r\nA: " + b"x" * 9000,), "too_long"),
        ((b"<html>an answer of HTTP/0.9",), "garbled"),
        ((b"HTTP/2.0 200 OK\r\n\r\n",), "garbled"),
        ((b"HTTP/1.1 999 \r\n\r\n",), "garbled"),
        ((), "timeout"),
    ],
)
async def test_what_is_no_answer_has_come_of_a_request_that_left(
    net: Loopback, said: tuple[bytes, ...], reason: str
) -> None:
    await net.listen(HOST, Server(*said).talk, plain=True)
    error = await fails(net, f"http://{HOST}/canary", deadline=0.4)
    assert isinstance(error, NoAnswer)
    assert error.reason == reason


async def test_a_header_that_would_end_itself_is_not_said(net: Loopback) -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n")
    await net.listen(HOST, server.talk, plain=True)
    assert isinstance(await fails(net, f"http://{HOST}/", Referer="https://a.test/\r\nX: canary"), NotSent)
    assert server.heard == []


async def test_only_an_address_that_refused_it_everywhere_is_called_so(net: Loopback) -> None:
    net.place(HOST, IP, 443, closed_port())
    net.place(HOST, "3.120.0.2", 443, closed_port())
    error = await fails(net, f"https://{HOST}/")
    assert isinstance(error, NotSent)
    assert error.reason == "refused"
    await net.listen(HOST, Server(b"HTTP/1.1 200 OK\r\n\r\n").talk, ip="3.120.0.3")
    assert await status(net, f"https://{HOST}/") == 200, "the third takes it"


@pytest.mark.parametrize("ours", [(), ("::1",), ("192.0.2.1",)])
async def test_it_never_leaves_from_another_address(net: Loopback, ours: tuple[str, ...]) -> None:
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n")
    await net.listen(HOST, server.talk, plain=True)
    error = await fails(net, f"http://{HOST}/", sources=[ip_address(one) for one in ours])
    assert isinstance(error, NotSent)
    assert (error.reason, server.peers) == ("no_source", [])


async def test_the_address_that_was_judged_is_the_one_that_is_called(net: Loopback) -> None:
    """A name bound anew between the check and the connection leads nowhere else; a mixed answer leads nowhere."""
    server = Server(b"HTTP/1.1 200 OK\r\n\r\n")
    await net.listen(HOST, server.talk, plain=True)
    rebinding = net.resolve

    async def resolve(host: str) -> list[Ip]:
        found = list(await rebinding(host))
        net.hosts[HOST] = [ip_address("127.0.0.1")]
        return found

    net.resolve = resolve  # type: ignore[method-assign] # one name server of this test
    assert await status(net, f"http://{HOST}/") == 200
    assert net.lookups == [HOST]
    net.hosts[HOST] = [ip_address(IP), ip_address("10.0.0.1")]
    assert isinstance(await fails(net, f"http://{HOST}/"), EgressRefused)


def test_an_address_of_this_machine_is_told_from_another() -> None:
    assert is_ours(OURS[0])
    assert not is_ours(ip_address("192.88.99.1"))
    assert not is_ours(ip_address("2001:db8::1"))


def closed_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
