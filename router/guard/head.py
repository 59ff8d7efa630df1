"""One HEAD over a connection that stands, of whose answer nothing but the status is read.

So there is no body, header or cookie that could be kept, no redirect to follow, and no length that could hurt: what a
server sends beyond a few thousand octets stays in its own hands until the connection is dropped, at once.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, NamedTuple

from router.errors import NoAnswer, NotSent
from router.guard.flight import Flight
from router.guard.target import Target
from schemas.trace import Ip

#: Octets of a status line as far as its number (RFC 9112 section 4): `HTTP/1.1 200`.
_STATUS: Final = len("HTTP/1.1 200")
_LINE: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})")
#: Octets that are held of an answer, and interim answers (1xx) that are passed over.
_HELD: Final = 4096
_INTERIM: Final = 8
#: What may stand in a header of ours: visible ASCII and blanks, so that a value ends where it ends.
_VALUE: Final = re.compile(r"[ -~]*")


class Tls(NamedTuple):
    """How a connection is encrypted: whom we trust, and within how many seconds it must be agreed."""

    trusted: ssl.SSLContext
    within: float


def is_ours(ip: Ip) -> bool:
    """Tell whether an address is one of this machine, so that a request can leave from it."""
    with socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET, socket.SOCK_STREAM) as one:
        try:
            one.bind((str(ip), 0))
        except OSError:
            return False
        return True


async def status(connected: socket.socket, target: Target, headers: Mapping[str, str], tls: Tls, flight: Flight) -> int:
    """Say HEAD over a connected socket, which is closed, and return the status of the answer.

    Raise NotSent where no encrypted connection could be agreed, NoAnswer for what is no answer, ValueError for a header
    that cannot be said.
    """
    try:
        said = _said(target, headers)
    except ValueError:
        connected.close()
        raise
    try:
        reader, writer = await _opened(connected, target, tls)
    except BaseException:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)  # the loop closes what it was given: see `guard/mail.py`
        raise
    try:
        flight.left = True
        writer.write(said)
        await writer.drain()
        return await _status(reader)
    finally:
        writer.transport.abort()  # nothing more is said or heard, however the other side takes it


async def _opened(
    connected: socket.socket, target: Target, tls: Tls
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if target.url.scheme != "https":
        return await asyncio.open_connection(sock=connected, limit=_HELD)
    name = target.tls_name or (target.url.raw_host or "").rstrip(".")
    try:
        return await asyncio.open_connection(
            sock=connected,
            ssl=tls.trusted,
            server_hostname=name,
            ssl_handshake_timeout=tls.within,
            limit=_HELD,
        )
    except OSError:
        pass  # said below in our words: the other side wrote some of its text
    raise NotSent("No encrypted connection could be agreed with the host", reason="tls")


def _said(target: Target, headers: Mapping[str, str]) -> bytes:
    url = target.url
    host = target.host_header or url.raw_authority
    lines = [f"HEAD {url.raw_path_qs} HTTP/1.1", f"Host: {host}", "Accept: */*", "Connection: close"]
    for name, value in headers.items():
        if not _VALUE.fullmatch(value):
            raise ValueError(name)
        lines.append(f"{name}: {value}")
    return "\r\n".join((*lines, "", "")).encode("ascii")


async def _status(reader: asyncio.StreamReader) -> int:
    for _ in range(_INTERIM):
        try:
            found = _LINE.fullmatch(await reader.readexactly(_STATUS))
            if found is None:
                raise NoAnswer(reason="garbled")
            if not found[1].startswith(b"1"):
                return int(found[1])
            await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            break
        except asyncio.IncompleteReadError:
            raise NoAnswer(reason="broken_off") from None
    raise NoAnswer(reason="too_long")
