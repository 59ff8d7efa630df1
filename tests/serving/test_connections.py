import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest

from router.serving.connections import ENDLESS, Connection, Held
from router.serving.deadlines import Phase
from router.serving.listen import listening_socket, served

HALF = b"GET / HTTP/1.1\r\nhost: x\r\nx-half: "
FORM = b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nbegun"


async def test_a_whole_request_is_answered(site: Callable[..., Any]) -> None:
    async with site() as here:
        assert await here.get() == b"HTTP/1.1 200 OK"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("sent", "answer"), [(b"", b""), (HALF, b"HTTP/1.1 408"), (FORM, b"HTTP/1.1 408")])
async def test_what_never_becomes_a_request_is_let_go(site: Callable[..., Any], sent: bytes, answer: bytes) -> None:
    async with site() as here:
        reader, _ = await here.call(sent)
        assert (await asyncio.wait_for(reader.read(), 10))[:12] == answer
        assert here.bodies == []


@pytest.mark.usefixtures("quick")
async def test_a_head_by_the_byte_is_let_go(site: Callable[..., Any]) -> None:
    async with site() as here:
        reader, writer = await here.call(HALF)

        async def drip() -> None:
            while not writer.is_closing():
                writer.write(b"a")
                await asyncio.sleep(0.2)

        dripping = asyncio.create_task(drip())
        assert (await asyncio.wait_for(reader.read(), 10))[:12] == b"HTTP/1.1 408"
        dripping.cancel()


@pytest.mark.usefixtures("quick")
async def test_who_does_not_read_the_answer_is_let_go(site: Callable[..., Any]) -> None:
    async with site() as here:
        _, writer = await here.call(b"GET /much HTTP/1.1\r\nhost: x\r\n\r\n")
        cast("Any", writer.transport).pause_reading()
        await here.until(lambda: bool(here.bodies) and not len(here.held))


@pytest.mark.usefixtures("quick")
async def test_the_rest_of_a_request_that_was_answered_is_not_swallowed(site: Callable[..., Any]) -> None:
    async with site() as here:
        _, writer = await here.call(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n")
        sent = 0
        with suppress(ConnectionError):
            while sent < 1_000_000:
                writer.write(b"x" * 1000)
                await writer.drain()
                sent += 1000
                await asyncio.sleep(0.01)
        assert sent < 1_000_000


@pytest.mark.parametrize("sent", [b"", HALF])
async def test_who_only_holds_a_place_keeps_nobody_out(site: Callable[..., Any], sent: bytes) -> None:
    async with site(most=8) as here:
        for _ in range(40):
            await here.call(sent)
        await asyncio.sleep(0.1)
        assert await here.get() == b"HTTP/1.1 200 OK"
        assert len(here.held) <= 8


async def test_who_works_is_not_put_out_and_the_next_is_told_to_come_again(site: Callable[..., Any]) -> None:
    async with site(most=3) as here:
        calls = [await here.call(FORM) for _ in range(3)]
        await asyncio.sleep(0.2)
        assert await here.get() == b"HTTP/1.1 503 Service Unavailable"
        for reader, writer in calls:
            writer.write(b"x" * (1_000_000 - 5))
            writer.write_eof()
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(("path", "waited"), [(next(iter(ENDLESS)), False), ("/report", True)])
async def test_a_server_that_stops_waits_for_no_answer_without_an_end(path: str, waited: bool) -> None:
    """One that has an end is waited for: here until it ends, half a second later."""
    ended: list[bool] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()
        gone = asyncio.create_task(receive())
        done, _ = await asyncio.wait({gone}, timeout=0.5)
        ended.append(not done)
        gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    listener = listening_socket("127.0.0.1", 0)
    async with served(app, listener, Held(9, 9)):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
        await reader.readline()
    assert ended == [waited]
    writer.transport.abort()


class Caller:
    """A connection that only notes what it is told."""

    def __init__(self, address: str, phase: Phase = Phase.ANSWER) -> None:
        self.address, self.phase, self.told = address, phase, list[str]()
        self.transport = SimpleNamespace(abort=lambda: self.told.append("aborted"))

    def refuse(self) -> None:
        self.told.append("refused")


def arrive(held: Held, *callers: Caller) -> list[list[str]]:
    for at, one in enumerate(callers):
        held.arrive(cast("Connection", one), float(at))
    return [one.told for one in callers]


def test_one_address_has_a_part_of_the_places_and_another_the_rest() -> None:
    held = Held(most=100, per_address=2)
    crowd = [Caller("192.0.2.1") for _ in range(4)]
    assert arrive(held, *crowd, Caller("192.0.2.2")) == [[], [], ["refused"], ["refused"], []]


def test_of_one_crowd_the_one_goes_that_waited_longest() -> None:
    held = Held(most=100, per_address=3)
    stranger = Caller("192.0.2.9", Phase.HEAD)
    crowd = [Caller("192.0.2.1", phase) for phase in (Phase.ANSWER, Phase.HEAD, Phase.HEAD, Phase.ANSWER)]
    assert arrive(held, stranger, *crowd) == [[], [], ["aborted"], [], []]


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (("127.0.0.1", 1), None), (("::1", 1), None), (("192.0.2.1", 1), "192.0.2.1"), (None, None), (("", 1), None),
        (("fe80::1%eth0", 1), "fe80::1%eth0"), (("/run/socket", 1), None),
    ],
)  # fmt: skip
def test_only_others_addresses_are_counted(client: Any, address: str | None) -> None:
    known = cast("property", Connection.address).fget
    assert known is not None
    assert known(SimpleNamespace(client=client)) == address
