"""An authoritative name server for the simulated world: the real protocol over UDP and TCP, on loopback.

Built on dnspython, because here correctness of odd answers counts and speed does not (about 6,000 answers a second).
One server answers for every name of its zone; what is not in it does not exist.
"""

import asyncio
import random
import struct
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from types import TracebackType
from typing import Final, Self, cast

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from router.world.zone import Fault, Record, Zone

LOOPBACK: Final = "127.0.0.1"
#: What a client without EDNS takes over UDP (RFC 1035 section 2.3.4).
_PLAIN_UDP: Final = 512
#: RFC 2308: how long "there is nothing" may be kept, in seconds.
_NEGATIVE_TTL: Final = 60
_FREE_PORT_TRIES: Final = 20


class NameServer:
    """A running name server. `async with NameServer(zone) as server:` and ask `server.address`.

    `asked` lists every question that came in, as (name, type), in order: tests read who was looked up, and who was not.
    """

    def __init__(self, zone: Zone) -> None:
        """Serve `zone`; what is changed in it counts from the next question on."""
        self.zone = zone
        self.asked: list[tuple[str, str]] = []
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._noise = random.Random(53)
        self.port = 0

    @property
    def address(self) -> str:
        """Return where it listens, as a resolver setting: "127.0.0.1:port"."""
        return f"{LOOPBACK}:{self.port}"

    async def __aenter__(self) -> Self:
        """Listen on one free port, over UDP and TCP alike."""
        loop = asyncio.get_running_loop()
        for _ in range(_FREE_PORT_TRIES):
            self._udp, _protocol = await loop.create_datagram_endpoint(
                lambda: _Datagrams(self), local_addr=(LOOPBACK, 0)
            )
            self.port = self._udp.get_extra_info("sockname")[1]
            try:
                self._tcp = await asyncio.start_server(self._serve_stream, LOOPBACK, self.port)
            except OSError:  # somebody has that port over TCP
                self._udp.close()
            else:
                return self
        raise OSError("no port is free over UDP and TCP at once")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and hang up."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
            for client in tuple(self._clients):
                client.close()
            await self._tcp.wait_closed()

    def answer(self, wire: bytes, *, stream: bool) -> bytes | None:
        """Return the answer to one message, or None when nothing is to be sent."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        if not query.question:
            return None
        asked = query.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        return self._misbehave(query, self._good_answer(query, name, kind), self.zone.faults.get(name), stream=stream)

    def _good_answer(self, query: dns.message.Message, name: str, kind: str) -> dns.message.Message:
        found = self.zone.find(name, kind)
        response = dns.message.make_response(query, recursion_available=True, our_payload=1232)
        response.flags |= dns.flags.AA
        response.answer.extend(_sets(found.records))
        if not found.exists:
            response.set_rcode(dns.rcode.NXDOMAIN)
        if not any(record.type == kind for record in found.records):
            response.authority.append(_soa())
        return response

    def _misbehave(
        self, query: dns.message.Message, response: dns.message.Message, fault: Fault | None, *, stream: bool
    ) -> bytes | None:
        if fault is Fault.DROP or (fault is Fault.TRUNCATED_ALWAYS and stream):
            return None
        if fault in {Fault.SERVFAIL, Fault.REFUSED}:
            response = dns.message.make_response(query)
            response.set_rcode(dns.rcode.SERVFAIL if fault is Fault.SERVFAIL else dns.rcode.REFUSED)
        if fault in UNTRUE:
            response = _untrue(query, fault)
        if fault is Fault.WRONG_ID:
            response.id ^= 0x5555
        if fault is Fault.WRONG_QUESTION:
            response.question = [dns.rrset.RRset(dns.name.from_text("spoof.test."), dns.rdataclass.IN, dns.rdatatype.A)]
        wire = _wire(response, query, stream=stream, truncate=fault in {Fault.TRUNCATED, Fault.TRUNCATED_ALWAYS})
        if fault is Fault.GARBAGE:
            return wire[:2] + self._noise.randbytes(60)
        return wire[: len(wire) // 2] if fault is Fault.CUT else wire

    async def _serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    (length,) = struct.unpack("!H", await reader.readexactly(2))
                    answer = self.answer(await reader.readexactly(length), stream=True)
                    if answer is None:
                        break
                    writer.write(struct.pack("!H", len(answer)) + answer)
                    await writer.drain()
        finally:
            self._clients.discard(writer)
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    """The UDP side of one name server."""

    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, because Python 3.11's own UDP transport is no subclass of DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        answer = self._server.answer(data, stream=False)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


#: Answers that are well formed and say nothing of the name.
UNTRUE: Final = frozenset(
    {Fault.BLOCKED, Fault.FORGED, Fault.POLICY_ZONE, Fault.UNSIGNED, Fault.LAME, Fault.BAD_VERSION}
)
#: The filter's own page, in Canada: for a page hosted elsewhere, a move to whoever believes it.
_BLOCK_PAGE: Final = "35.182.40.40"


def _untrue(query: dns.message.Message, fault: Fault) -> dns.message.Message:
    """Return what a filter or a server that does not know the name answers."""
    response = dns.message.make_response(query, recursion_available=fault is not Fault.LAME)
    asked = query.question[0]
    if fault in {Fault.BLOCKED, Fault.POLICY_ZONE, Fault.UNSIGNED}:
        response.set_rcode(dns.rcode.NXDOMAIN)
    if fault is Fault.BLOCKED:
        response.authority.append(_soa())
        response.use_edns(0, 0, 1232, options=[dns.edns.EDEOption(dns.edns.EDECode.BLOCKED, "by order")])
    if fault is Fault.FORGED:
        if asked.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "A", _BLOCK_PAGE))
        response.use_edns(0, 0, 1232, options=[dns.edns.EDEOption(dns.edns.EDECode.FORGED_ANSWER)])
    if fault is Fault.POLICY_ZONE:
        response.authority.append(_soa("rpz.block."))
    if fault is Fault.LAME:
        response.authority.append(dns.rrset.from_text(".", 3600, "IN", "NS", "a.root.test."))
    if fault is Fault.BAD_VERSION:
        response.use_edns(0, 0, 1232)
        response.set_rcode(dns.rcode.BADVERS)
    return response


def _sets(records: tuple[Record, ...]) -> Iterator[dns.rrset.RRset]:
    """Group neighbours of one name and type, keeping the order of the chain."""
    for (name, kind), group in groupby(records, key=lambda record: (record.name, record.type)):
        members = tuple(group)
        yield dns.rrset.from_text_list(f"{name}.", members[0].ttl, "IN", kind, [_data(member) for member in members])


def _data(record: Record) -> str:
    return f"{record.data}." if record.type == "CNAME" else record.data


def _soa(zone: str = "test.") -> dns.rrset.RRset:
    return dns.rrset.from_text(
        zone, _NEGATIVE_TTL, "IN", "SOA", f"ns.test. world.test. 1 3600 600 86400 {_NEGATIVE_TTL}"
    )


def _wire(response: dns.message.Message, query: dns.message.Message, *, stream: bool, truncate: bool) -> bytes:
    """Return the message's octets; over UDP what does not fit is left out and TC set (RFC 2181 section 9)."""
    if stream:
        return response.to_wire(max_size=65535)
    limit = max(query.payload, _PLAIN_UDP) if query.edns >= 0 else _PLAIN_UDP
    if not truncate:
        with suppress(dns.exception.TooBig):
            return response.to_wire(max_size=limit)
    response.flags |= dns.flags.TC
    response.answer = []
    response.authority = []
    return response.to_wire(max_size=limit)
