"""The only maker of outbound connections.

A host is resolved once per connection, all its addresses are judged, and the connection goes to one of those that were
judged, never to a second look-up's answer. A kept-alive connection stays where it was pinned. No redirect, cookie or
proxy is followed; bytes and wall time are capped; nothing a third party wrote goes into an error.

Three errors tell what a failure means for the sender: `EgressRefused` and `NotSent` say that nothing of the request
left, `NoAnswer` that it may have arrived.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from router.errors import EgressRefused, NoAnswer, NotSent, RouterError
from router.guard import head
from router.guard.addresses import literal, may_be_called, networks_of
from router.guard.client_certificate import ClientCertificate
from router.guard.flight import Flight, failure, watch
from router.guard.target import Purpose, Target, here, loopback, read, unrename
from schemas.trace import Ip

#: Asks DNS for every address of a name; raises OSError or a RouterError, or returns nothing, when there is none.
Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[Ip]]]
#: Where a judged address is really called. Production: itself. Tests and the demo: a port on loopback.
Dial: TypeAlias = Callable[[str, int], tuple[str, int]]
#: Reads the body of an answer whose status and headers are there.
Reading: TypeAlias = Callable[[aiohttp.ClientResponse], Awaitable[bytes]]

#: Servers commonly drop idle connections after 5 s (uvicorn's default); ours go first, or a POST meets a closing one.
KEEP_ALIVE: Final = 4.0
#: Seconds for one TCP and TLS handshake, so that a silent address leaves time for the next one.
CONNECT: Final = 10.0
#: Seconds before a request's deadline at which nobody waits for a body any more that is not needed.
_EDGE: Final = 0.05
#: The same where we only ask whether anybody is there, address by address.
_KNOCK: Final = 4.0
#: Connections to one host. Lanes pace the calls; this only bounds what a mistake could open.
PER_HOST: Final = 64


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer. `headers` ignores case and keeps repeated fields; `body` is as sent, never decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def straight(ip: str, port: int) -> tuple[str, int]:
    """Call the judged address itself."""
    return ip, port


class Egress:
    """Makes every outbound connection; one per process, closed by its owner."""

    def __init__(self, resolve: Resolve, *, dial: Dial = straight, ca_file: Path | None = None) -> None:
        """Take the DNS room's `resolve`; `ca_file` adds authorities to the system's, for partners with their own."""
        self._resolve = resolve
        self._dial = dial
        self._ca_file = ca_file
        self._tls = self._trusting()
        self._shown: dict[bytes, ssl.SSLContext] = {}  #: a client certificate's fingerprint -> what shows it
        self._opened: dict[tuple[str, ...], aiohttp.ClientSession] = {}  #: by the private networks it may go to

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float,
        cap: int,
        purpose: Purpose,
        certificate: ClientCertificate | None = None,
        body_within: float | None = None,
        networks: tuple[str, ...] = (),
    ) -> HttpAnswer:
        """Make one request: at most `deadline` seconds in all and `cap` bytes of answer.

        With `certificate` it is shown to the server, over connections of its own. With `body_within` the status line
        and the headers are the answer: a body that is not whole within so many seconds, or too long, is taken for an
        empty one. `networks` are private ones that were opened for the partner that is called. Raise EgressRefused or
        NotSent when nothing left, NoAnswer when it may have arrived, BadInput for a certificate that TLS cannot use.
        """
        flight = Flight()
        target = read(url, purpose)
        tls = self._tls if certificate is None else self._showing(certificate)
        reading = partial(_read, cap=cap)
        if body_within is not None:
            until = asyncio.get_running_loop().time() + deadline
            reading = partial(_read_if_whole, cap=cap, seconds=body_within, until=until)
        try:
            async with asyncio.timeout(deadline):
                session = self._session(networks)
                return await self._fly(session, method, target, headers or {}, body, reading, flight, tls)
        except (aiohttp.ClientError, OSError, RouterError, ValueError) as error:
            failed = failure(error, flight)
        # Raised outside the handler, so that no third party's text hangs on it as `__context__`.
        raise failed

    async def addresses(self, host: str, port: int, networks: tuple[str, ...] = ()) -> list[tuple[str, int]]:
        """Return where a connection to `host` may go, all judged and dialled; for protocols other than HTTP too.

        Raise EgressRefused when any of the addresses is neither public nor in one of `networks` (a mixed answer is an
        attack or a mistake), and NotSent when there is none.
        """
        if (ours := here(host)) is not None:  # only `read` makes such a name, for a purpose that may go there
            return [(str(ours), port)]
        written = unrename(host) or literal(host)
        found = [written] if written is not None else await self._look_up(host)
        opened = networks_of(networks)
        if not all(may_be_called(ip, opened) for ip in found):
            raise EgressRefused("The host has an address that is not on the public internet", reason="not_public")
        return [self._dial(str(ip), port) for ip in found]

    async def exchange(self, host: str, port: int, said: bytes, *, deadline: float, cap: int) -> bytes:
        """Say one thing in the clear, and return what is answered until the other side closes (WHOIS, RFC 3912).

        At most `deadline` seconds in all and `cap` bytes of answer. Raise EgressRefused or NotSent when nothing left,
        NoAnswer when it may have arrived.
        """
        flight = Flight()
        try:
            async with asyncio.timeout(deadline):
                return await self._say(host, port, said, cap, flight)
        except (OSError, RouterError) as error:
            failed = failure(error, flight)
        raise failed

    async def _say(self, host: str, port: int, said: bytes, cap: int, flight: Flight) -> bytes:
        reader, writer = await self._connected(host, port)
        try:
            flight.left = True
            writer.write(said)
            await writer.drain()
            heard = bytearray()
            while part := await reader.read(16_384):
                heard += part
                if len(heard) > cap:
                    raise NoAnswer("The answer is longer than any real one", reason="too_long")
            return bytes(heard)
        finally:
            writer.transport.abort()  # nothing more is said or heard, however the other side takes it

    async def _connected(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the first judged address that takes it."""
        for ip, at in await self.addresses(host, port):
            with suppress(OSError):
                return await asyncio.open_connection(ip, at)
        raise NotSent("The host did not take the connection", reason="connect")

    async def head(
        self, url: str, *, headers: Mapping[str, str], sources: Sequence[Ip], deadline: float, purpose: Purpose
    ) -> int:
        """Return the status by which a URL answers HEAD; of the answer nothing else is read (`head`).

        It leaves from that one of `sources`, addresses of this machine, that is of the kind that is called, and never
        from another. Raise EgressRefused or NotSent when nothing left (`refused`: every address refused it), NoAnswer
        when somebody took it and what came is no answer.
        """
        flight = Flight()
        target = read(url, purpose)
        try:
            async with asyncio.timeout(deadline):
                connected = await self._from(target, sources)
                return await head.status(connected, target, headers, head.Tls(self._tls, deadline / 2), flight)
        except (OSError, RouterError, ValueError) as error:
            failed = failure(error, flight)
        raise failed

    async def _from(self, target: Target, sources: Sequence[Ip]) -> socket.socket:
        """Connect to the first judged address that takes it, from an address of our own of its kind."""
        host, port = target.url.raw_host, target.url.port
        assert host is not None  # for the type checker: `read` looked
        assert port is not None
        reasons = set[str]()
        for ip, at in await self.addresses(host, port):
            ours = next((one for one in sources if one.version == ip_address(ip).version), None)
            found, reason = (None, "no_source") if ours is None else await _knock(str(ours), ip, at)
            if found is not None:
                return found
            reasons.add(reason)
        (only,) = reasons if len(reasons) == 1 else ("connect",)
        raise NotSent("The host did not take the connection", reason=only)

    async def socket(self, host: str, port: int, networks: tuple[str, ...] = ()) -> socket.socket:
        """Return a connected socket for a protocol with a library of its own (mail); its caller closes it.

        To this machine itself only where its address is written out; `networks` as in `request`. The caller keeps the
        deadline. Raise EgressRefused or NotSent.
        """
        ours = loopback(host)
        for ip, at in [(str(ours), port)] if ours is not None else await self.addresses(host, port, networks):
            found = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM)
            found.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(found, (ip, at))
            except OSError:
                found.close()
            except BaseException:
                found.close()
                raise
            else:
                return found
        raise NotSent("The host did not take the connection", reason="connect")

    @property
    def tls(self) -> ssl.SSLContext:
        """Return whom we trust, for a protocol that makes its own encrypted connection over `socket`."""
        return self._tls

    async def close(self) -> None:
        """Close all connections."""
        for session in self._opened.values():
            await session.close()

    async def _look_up(self, host: str) -> Sequence[Ip]:
        found: Sequence[Ip] = ()
        with suppress(OSError, RouterError):  # said below in our words
            found = await self._resolve(host)
        if not found:
            raise NotSent("The host's name has no address now; check it or try again later", reason="dns")
        return found

    def _trusting(self) -> ssl.SSLContext:
        tls = ssl.create_default_context()
        tls.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._ca_file is not None:
            tls.load_verify_locations(cafile=self._ca_file)
        return tls

    def _showing(self, certificate: ClientCertificate) -> ssl.SSLContext:
        known = self._shown.get(certificate.fingerprint)
        if known is None:
            known = self._trusting()
            certificate.load_into(known)
            self._shown[certificate.fingerprint] = known
        return known

    async def _fly(
        self,
        session: aiohttp.ClientSession,
        method: str,
        target: Target,
        headers: Mapping[str, str],
        body: bytes | None,
        reading: Reading,
        flight: Flight,
        tls: ssl.SSLContext,
    ) -> HttpAnswer:
        sent = {"Accept-Encoding": "identity", "User-Agent": "referral-router", **headers}
        if target.host_header is not None:
            sent["Host"] = target.host_header
        async with session.request(
            method,
            target.url,
            headers=sent,
            data=body,
            allow_redirects=False,
            ssl=tls,
            server_hostname=target.tls_name,
            trace_request_ctx=flight,
        ) as answer:
            flight.http_status = answer.status
            return HttpAnswer(answer.status, answer.headers, await reading(answer))

    def _session(self, networks: tuple[str, ...]) -> aiohttp.ClientSession:
        """Return the connections that may go there: kept apart, or what one partner opened would serve another."""
        if networks not in self._opened:  # made late: a session belongs to the running loop
            connector = aiohttp.TCPConnector(
                resolver=_Judged(self, networks),
                use_dns_cache=False,  # the DNS room caches; a second cache would outlive its clamps
                limit=0,
                limit_per_host=PER_HOST,
                keepalive_timeout=KEEP_ALIVE,
            )
            self._opened[networks] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,  # a small body may unpack to a huge one
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT),
                trace_configs=[watch()],
            )
        return self._opened[networks]


async def _knock(ours: str, ip: str, at: int) -> tuple[socket.socket | None, str]:
    """Return a socket that is connected from an address of ours; else None, and why."""
    found = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM)
    found.setblocking(False)
    reason = "no_source"
    try:
        found.bind((ours, 0))
        reason = "connect"
        async with asyncio.timeout(_KNOCK):
            await asyncio.get_running_loop().sock_connect(found, (ip, at))
    except ConnectionRefusedError:
        found.close()
        return None, "refused"
    except OSError:
        found.close()
        return None, reason
    except BaseException:
        found.close()
        raise
    return found, ""


class _Judged(AbstractResolver):
    """The connector's resolver: it only ever learns addresses that were judged."""

    def __init__(self, egress: Egress, networks: tuple[str, ...]) -> None:
        self._egress = egress
        self._networks = networks

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        """Return the judged and dialled addresses."""
        return [
            ResolveResult(hostname=host, host=ip, port=at, family=family, proto=0, flags=0)
            for ip, at in await self._egress.addresses(host, port, self._networks)
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def _read(answer: aiohttp.ClientResponse, cap: int) -> bytes:
    if answer.content.is_eof():  # as a short one mostly is, with its headers: nothing is waited for
        return _within(answer, answer.content.read_nowait(), cap)
    heard = bytearray()
    async for part in answer.content.iter_any():
        heard += _within(answer, part, cap - len(heard))
    return bytes(heard)


def _within(answer: aiohttp.ClientResponse, part: bytes, room: int) -> bytes:
    if len(part) > room:
        answer.close()  # not read to its end, so the connection cannot be used again
        raise NoAnswer("The partner's answer is longer than any real one", reason="too_long")
    return part


async def _read_if_whole(answer: aiohttp.ClientResponse, cap: int, seconds: float, until: float) -> bytes:
    """Return the body if it is whole within `seconds`, and before the request's own deadline `until`; else nothing."""
    before = min(asyncio.get_running_loop().time() + seconds, until - _EDGE)
    with suppress(aiohttp.ClientError, OSError, NoAnswer):
        if answer.content.is_eof():
            return await _read(answer, cap)
        async with asyncio.timeout_at(before):
            return await _read(answer, cap)
    answer.close()
    return b""
