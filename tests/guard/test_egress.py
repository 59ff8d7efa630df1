"""The guard against real servers on loopback that misbehave in every way a partner's or an attacker's could."""

import asyncio
import gzip
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from aiohttp import web

from router.errors import EgressRefused, NoAnswer, NotSent, RouterError
from router.guard.egress import Egress, straight
from router.guard.target import Purpose
from tests.guard.asking import HEAD, HOST, IP, ask, fails, ok
from tests.loopback import Loopback


async def test_a_request_is_made_and_answered(net: Loopback) -> None:
    await net.serve(HOST, ok)
    answer = await ask(await net.egress(), headers={"X-Mine": "1"})
    assert (answer.status, answer.body, answer.headers["x-peer"]) == (200, b"hello", "127.0.0.1")


async def test_a_kept_alive_connection_stays_where_it_was_pinned(net: Loopback) -> None:
    await net.serve(HOST, ok)
    egress = await net.egress()
    for _ in range(3):
        await ask(egress)
        net.hosts[HOST] = [ip_address("127.0.0.1")]  # the name is bound anew after the first look-up
    assert net.lookups == [HOST]


async def test_a_name_bound_anew_is_judged_anew_for_a_new_connection(net: Loopback) -> None:
    await net.serve(HOST, ok)
    egress = await net.egress()
    await ask(egress)
    net.hosts[HOST] = [ip_address("127.0.0.1")]
    other = await net.egress()
    assert isinstance(await fails(other), EgressRefused)


@pytest.mark.parametrize("bad", ["127.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "::1", "2002:7f00:1::"])
async def test_one_bad_address_among_good_ones_is_enough(net: Loopback, bad: str) -> None:
    await net.serve(HOST, ok)
    net.hosts[HOST].append(ip_address(bad))
    error = await fails(await net.egress())
    assert isinstance(error, EgressRefused)
    assert error.reason == "not_public"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]",
     "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[fe80::1]", "10.0.0.1"],
)  # fmt: skip
async def test_an_address_written_out_is_judged_too(net: Loopback, host: str) -> None:
    error = await fails(await net.egress(), f"https://{host}/canary")
    assert isinstance(error, EgressRefused)
    assert net.lookups == []


async def test_a_public_address_written_out_is_dialled_like_any_other(net: Loopback) -> None:
    await net.serve(HOST, ok, tls=net.certificate(IP))
    answer = await ask(await net.egress(), f"https://{IP}/")
    assert (answer.status, answer.headers["X-Host"]) == (200, f"{IP}:443")


async def test_the_second_address_is_tried_when_the_first_is_silent(net: Loopback) -> None:
    net.place(HOST, "3.120.0.9", 443, 1)  # nothing listens there
    await net.serve(HOST, ok)
    assert (await ask(await net.egress())).status == 200


async def test_a_redirect_is_an_answer_and_not_followed(net: Loopback) -> None:
    async def away(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "https://127.0.0.1/"})

    await net.serve(HOST, away)
    answer = await ask(await net.egress())
    assert (answer.status, net.lookups) == (307, [HOST])


async def test_cookies_are_forgotten(net: Loopback) -> None:
    async def cookie(request: web.Request) -> web.Response:
        assert "Cookie" not in request.headers
        return web.Response(headers={"Set-Cookie": "a=b"})

    await net.serve(HOST, cookie)
    egress = await net.egress()
    assert [(await ask(egress)).status for _ in range(2)] == [200, 200]


async def test_a_proxy_in_the_environment_is_ignored(net: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    await net.serve(HOST, ok)
    assert (await ask(await net.egress())).status == 200


async def test_an_answer_longer_than_the_cap_is_given_up(net: Loopback) -> None:
    async def huge(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        with suppress(ConnectionError):
            for _ in range(10_000):
                await answer.write(b"x" * 65_536)
        return answer

    await net.serve(HOST, huge)
    error = await fails(await net.egress(), cap=200_000)
    assert isinstance(error, NoAnswer)
    assert (error.reason, error.http_status) == ("too_long", 200)


@pytest.mark.parametrize("body_within", [None, 1.0])
async def test_a_body_that_comes_with_its_headers_has_the_same_cap(net: Loopback, body_within: float | None) -> None:
    async def short(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 20)

    await net.serve(HOST, short)
    egress = await net.egress()
    assert (await ask(egress, cap=20, body_within=body_within)).body == b"x" * 20
    if body_within is None:
        assert getattr(await fails(egress, cap=19), "reason", None) == "too_long"
    else:
        assert (await ask(egress, cap=19, body_within=body_within)).body == b""


async def test_a_small_answer_that_unpacks_to_a_huge_one_stays_small(net: Loopback) -> None:
    packed = gzip.compress(b"\0" * 10_000_000)

    async def bomb(_: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    await net.serve(HOST, bomb)
    assert (await ask(await net.egress(), cap=20_000)).body == packed


async def test_a_slow_drip_ends_at_the_wall(net: Loopback) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD)
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.02)

    await net.listen(HOST, drip)
    begun = asyncio.get_running_loop().time()
    error = await fails(await net.egress(), deadline=0.3)
    assert isinstance(error, NoAnswer)
    assert (error.reason, error.http_status) == ("timeout", 200)
    assert asyncio.get_running_loop().time() - begun < 2


async def test_a_connection_closed_half_way_is_no_answer(net: Loopback) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"half")
        await writer.drain()

    await net.listen(HOST, half)
    error = await fails(await net.egress())
    assert isinstance(error, NoAnswer)
    assert (error.reason, error.http_status) == ("broken_off", 200)


@pytest.mark.parametrize(
    "said", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 2\xff0 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: " + b"x" * 99_999]
)
async def test_what_is_not_http_is_no_answer(net: Loopback, said: bytes) -> None:
    async def strange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()

    await net.listen(HOST, strange)
    error = await fails(await net.egress())
    assert isinstance(error, NoAnswer)
    assert error.http_status is None


async def test_no_answer_at_all_may_have_arrived(net: Loopback) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(-1)

    await net.listen(HOST, silent)
    error = await fails(await net.egress(), deadline=0.2)
    assert isinstance(error, NoAnswer)


@pytest.mark.parametrize(("names", "expired"), [(["other.test"], False), ([HOST], True)])
async def test_a_certificate_that_is_not_valid_stops_everything_before_it_leaves(
    net: Loopback, names: list[str], expired: bool
) -> None:
    asked: list[str] = []

    async def note(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    await net.serve(HOST, note, tls=net.certificate(*names, expired=expired))
    error = await fails(await net.egress())
    assert isinstance(error, NotSent)
    assert (error.reason, asked) == ("certificate", [])


async def test_an_authority_that_was_not_named_is_not_trusted(net: Loopback) -> None:
    await net.serve(HOST, ok)
    async with Egress(net.resolve, dial=net.dial) as egress:
        assert (await fails(egress)).reason == "certificate"


async def test_a_server_without_tls_gets_nothing(net: Loopback) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    await net.listen(HOST, plain, plain=True)
    net.ports[IP, 443] = net.ports[IP, 80]
    error = await fails(await net.egress())
    assert isinstance(error, NotSent)
    assert error.reason == "tls"


async def test_a_registry_may_be_asked_in_the_clear(net: Loopback) -> None:
    async def registry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    await net.listen(HOST, registry, plain=True)
    answer = await ask(await net.egress(), f"http://{HOST}/", purpose=Purpose.RDAP)
    assert (answer.status, answer.body) == (200, b"{}")


async def test_a_port_that_nobody_listens_on_is_nothing_sent(net: Loopback) -> None:
    net.place(HOST, IP, 443, 1)
    error = await fails(await net.egress())
    assert isinstance(error, NotSent)
    assert error.reason == "connect"


async def test_a_handshake_that_never_ends_is_nothing_sent(net: Loopback) -> None:
    async def mute(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        await asyncio.sleep(5)

    await net.listen(HOST, mute, plain=True)
    net.ports[IP, 443] = net.ports[IP, 80]
    error = await fails(await net.egress(), deadline=0.2)
    assert isinstance(error, NotSent)
    assert error.reason == "timeout"


@pytest.mark.parametrize("trouble", [None, OSError("canary"), RouterError("canary")])
async def test_a_name_without_an_address_is_nothing_sent(trouble: Exception | None) -> None:
    async def resolve(_: str) -> list[IPv4Address | IPv6Address]:
        if trouble is not None:
            raise trouble
        return []

    async with Egress(resolve) as egress:
        error = await fails(egress)
    assert isinstance(error, NotSent)
    assert error.reason == "dns"


async def test_a_look_up_that_never_ends_is_nothing_sent() -> None:
    async def resolve(_: str) -> list[IPv4Address | IPv6Address]:
        await asyncio.sleep(5)
        return []

    async with Egress(resolve) as egress:
        error = await fails(egress, deadline=0.1)
    assert isinstance(error, NotSent)


async def test_other_protocols_get_judged_addresses(net: Loopback) -> None:
    net.place("mail.test", "3.120.0.7", 25, 2525)
    egress = await net.egress()
    assert await egress.addresses("mail.test", 25) == [("127.0.0.1", 2525)]
    assert await Egress(net.resolve).addresses("mail.test", 25) == [("3.120.0.7", 25)]
    with pytest.raises(EgressRefused):
        await egress.addresses("127.0.0.1", 25)


async def heard(egress: Egress, host: str = "whois.test", **options: float) -> bytes:
    given = {"deadline": 2.0, "cap": 1000} | options
    return await egress.exchange(host, 43, b"192.0.2.1\r\n", deadline=given["deadline"], cap=int(given["cap"]))


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"you said " + await reader.readline())
    await writer.drain()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.01)


async def test_one_thing_is_said_in_the_clear_and_heard_to_its_end(net: Loopback) -> None:
    await net.listen("whois.test", echo, port=43)
    assert await heard(await net.egress()) == b"you said 192.0.2.1\r\n"


@pytest.mark.parametrize(("options", "reason"), [({"deadline": 0.2}, "timeout"), ({"cap": 20}, "too_long")])
async def test_what_is_heard_has_a_wall_and_a_cap(net: Loopback, options: dict[str, float], reason: str) -> None:
    await net.listen("whois.test", drip, port=43)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(NoAnswer) as failed:
        await heard(await net.egress(), **options)
    assert (failed.value.reason, failed.value.__context__) == (reason, None)
    assert asyncio.get_running_loop().time() - begun < 1.5


async def test_nothing_is_said_to_an_address_that_was_not_judged_public(net: Loopback) -> None:
    await net.listen("whois.test", echo, port=43)
    net.place("whois.test", "10.0.0.1", 43, 9)
    with pytest.raises(EgressRefused):
        await heard(await net.egress())
    with pytest.raises(EgressRefused):
        await heard(await net.egress(), "127.0.0.1")


async def test_a_server_that_is_not_there_was_told_nothing(net: Loopback) -> None:
    net.place("whois.test", "3.120.0.7", 43, 9)
    with pytest.raises(NotSent):
        await heard(await net.egress())
    with pytest.raises(NotSent):
        await heard(await net.egress(), "nowhere.test")


async def test_the_second_address_is_told_when_the_first_does_not_listen(net: Loopback) -> None:
    net.place("whois.test", "3.120.0.7", 43, 9)
    await net.listen("whois.test", echo, ip="3.120.0.8", port=43)
    assert (await heard(await net.egress())).startswith(b"you said")


def test_production_calls_the_judged_address_itself() -> None:
    assert straight("3.120.0.1", 443) == ("3.120.0.1", 443)


@pytest.mark.parametrize(
    "sent",
    [
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"Content-Length: 9\r\n\r\nhel",
        b"Content-Length: 70000\r\n\r\n" + b"x" * 70_000,
    ],
)
@pytest.mark.parametrize("stays", [True, False])
async def test_where_the_body_is_not_needed_the_status_and_the_headers_are_the_answer(
    net: Loopback, sent: bytes, stays: bool
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 202 Yes\r\nX-Case: P-1\r\n" + sent)
        await writer.drain()
        if stays:
            await reader.read()

    await net.listen(HOST, talk)
    egress = await net.egress()
    answer = await ask(egress, body_within=0.05, deadline=2.0)
    assert (answer.status, answer.headers["X-Case"], answer.body) == (202, "P-1", b"")
    # Nor does the request's own deadline take such an answer away.
    assert (await ask(egress, body_within=60.0, deadline=0.2)).status == 202
    assert isinstance(await fails(egress, deadline=0.2), NoAnswer)


async def test_a_body_that_is_whole_in_time_is_read_and_the_connection_serves_again(net: Loopback) -> None:
    await net.serve(HOST, ok)
    egress = await net.egress()
    first, second = [await ask(egress, body_within=1.0) for _ in range(2)]
    assert first.body == second.body != b""
    assert len(net.lookups) == 1
