"""Partners that answer anything: status x headers x framing x body, written byte by byte behind real TLS.

`Script` is one answer as Hypothesis draws it; `ScriptedPartner` reads each request and writes the answer of its script.
What an honest partner of a dialect would have said is for the test to know: it gives the body as a function of the
request (`speak`), so that a peer can sign over it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hypothesis import strategies as st

from tests.guard.test_retry_after import SAID


class Framing(StrEnum):
    """How an answer is written, and whether it is all there."""

    WHOLE = "whole"
    CHUNKED = "chunked"
    CLOSED = "closed"  #: no length; the end of the connection is the end of the body
    LONG = "long"  #: padded beyond what any real answer has
    CUT = "cut"  #: more was promised than comes
    HANGING = "hanging"  #: more was promised than comes, and the connection stays
    TWO_LENGTHS = "two_lengths"
    BAD_CHUNK = "bad_chunk"
    GARBAGE = "garbage"  #: no status line
    NOTHING = "nothing"  #: the connection ends without a byte
    SILENT = "silent"  #: the connection stays without a byte


#: With these the whole body comes.
COMPLETE = frozenset({Framing.WHOLE, Framing.CHUNKED, Framing.CLOSED})
#: With these a good status line and headers come, whatever becomes of the body.
HEADED = COMPLETE | {Framing.LONG, Framing.CUT, Framing.HANGING}
PADDING = b" " * 70_000


@dataclass(frozen=True)
class Asked:
    """A request as the partner read it."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Said:
    """What a partner says before it is framed."""

    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Script:
    """One answer."""

    status: int
    framing: Framing
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def is_yes(self) -> bool:
        """Whether a 2xx with all its headers comes."""
        return self.status // 100 == 2 and self.framing in HEADED

    @property
    def has_body(self) -> bool:
        """Whether a 2xx comes with the whole of its body; a 204 has none (RFC 9110 section 15.3.5)."""
        return self.status // 100 == 2 and self.status != 204 and self.framing in COMPLETE


STATUSES = st.sampled_from([200, 201, 202, 204, 206, 299]) | st.sampled_from(
    [300, 301, 307, 399, 400, 401, 403, 404, 408, 409, 410, 413, 418, 425, 429, 499, 500, 502, 503, 599, 600, 999]
)
HEADERS = st.lists(
    st.tuples(
        st.just("Retry-After"), SAID.filter(lambda said: said.isascii() and said.isprintable() and len(said) < 999)
    )
    | st.sampled_from(
        [("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Location", "https://else.test/")]
    ),
    max_size=3,
).map(tuple)
SCRIPTS = st.builds(Script, STATUSES | st.just(200), st.sampled_from(Framing) | st.just(Framing.WHOLE), HEADERS)


@dataclass
class ScriptedPartner:
    """The server; `speak` gives what is said to a request, before it is framed as the script says."""

    script: Script
    speak: Callable[[Asked], Said]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _read(reader)
        raw, stays = framed(self.script, self.speak(asked))
        writer.write(raw)
        await writer.drain()
        if stays:
            await reader.read()  # until the other side goes away
        writer.close()
        await writer.wait_closed()  # all that was written is sent first


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    headers = {name: value.strip() for name, _, value in (one.partition(":") for one in rest)}
    length = next((int(value) for name, value in headers.items() if name.lower() == "content-length"), 0)
    return Asked(line, headers, await reader.readexactly(length))


def framed(script: Script, said: Said) -> tuple[bytes, bool]:
    """The bytes of an answer, and whether the connection stays open after them."""
    body, framing = said.body, script.framing
    if script.status == 204 and framing in HEADED:  # with a body it were no HTTP (RFC 9110 section 15.3.5)
        body, framing = b"", Framing.CLOSED
    if framing in (Framing.NOTHING, Framing.SILENT):
        return b"", framing is Framing.SILENT
    if framing is Framing.GARBAGE:
        return b"\x16\x03\x01 not HTTP at all\r\n\r\n" + body, False
    lines = [f"HTTP/1.1 {script.status} So", *(f"{name}: {value}" for name, value in script.headers)]
    lines += [f"{name}: {value}" for name, value in said.headers.items()]
    match framing:
        case Framing.CHUNKED:
            lines.append("Transfer-Encoding: chunked")
            body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n" if body else b"0\r\n\r\n"
        case Framing.BAD_CHUNK:
            lines.append("Transfer-Encoding: chunked")
            body = b"zz\r\n" + body
        case Framing.LONG:
            body = PADDING + body
            lines.append(f"Content-Length: {len(body)}")
        case Framing.CUT | Framing.HANGING:
            lines.append(f"Content-Length: {len(body) + 10}")
        case Framing.TWO_LENGTHS:
            lines += [f"Content-Length: {len(body)}", f"Content-Length: {len(body) + 1}"]
        case Framing.WHOLE:
            lines.append(f"Content-Length: {len(body)}")
    lines.append("Connection: close")  # one answer a connection, so that none of them meets the end of the one before
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body, framing is Framing.HANGING
