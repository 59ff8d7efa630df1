"""An authoritative name server on loopback, over UDP and TCP, with each fault that hosts and attackers show."""

import asyncio
import contextlib
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from functools import cache

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

SOA = "ns.test. host.test. 1 3600 600 86400 90"


class FaultyServer(asyncio.DatagramProtocol):
    """Answers from `records`, ("name type" -> values), except where `faults` (name -> fault) says otherwise.

    Faults: drop, servfail, refused, nxdomain, wrong_id, wrong_question, not_a_reply, garbage, cut (TC), no_edns, bare
    (no SOA with an absence), malformed (a good header and question, then nonsense), spoof_first (a forged answer before
    the true one). What a filter or a lame server answers, `edits` (name -> change of the reply) write.
    """

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        self.faults: dict[str, str] = {}
        self.edits: dict[str, Callable[[dns.message.Message], None]] = {}
        self.ttl = 60
        self.asked: Counter[str] = Counter()
        self.over_tcp: Counter[str] = Counter()
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    def put(self, name: str, kind: str, *values: str) -> None:
        """Serve `values` as the records of that kind."""
        self.records[f"{name} {kind}"] = list(values)

    async def start(self) -> None:
        """Listen on a free port, the same over UDP and TCP; one that somebody asks from over UDP is not free."""
        loop = asyncio.get_running_loop()
        while self._transport is None:
            self._tcp = await asyncio.start_server(self._serve_tcp, "127.0.0.1", 0)
            self.port = self._tcp.sockets[0].getsockname()[1]
            try:
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: self, local_addr=("127.0.0.1", self.port)
                )
            except OSError:
                self._tcp.close()

    async def stop(self) -> None:
        """Close both."""
        if self._transport is not None:
            self._transport.close()
        if self._tcp is not None:
            self._tcp.close()
            await self._tcp.wait_closed()
        await asyncio.sleep(0)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one packet."""
        query = dns.message.from_wire(data)
        self.asked[_asked_for(query)] += 1
        for reply in self._packets(query):
            assert self._transport is not None
            self._transport.sendto(reply, addr)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            size = struct.unpack(">H", await reader.readexactly(2))[0]
            query = dns.message.from_wire(await reader.readexactly(size))
            self.over_tcp[_asked_for(query)] += 1
            if self.faults.get(_name(query)) != "cut_and_silent":
                data = self._reply(query).to_wire(max_size=65_535)
                writer.write(struct.pack(">H", len(data)) + data)
                await writer.drain()
        writer.close()

    def _packets(self, query: dns.message.Message) -> Iterable[bytes]:
        fault = self.faults.get(_name(query), "")
        reply = self._reply(query)
        if fault == "drop":
            return []
        if fault in ("servfail", "refused", "nxdomain"):
            return [_refusal(query, dns.rcode.from_text(fault))]
        if fault == "no_edns" and query.edns >= 0:
            return [_refusal(query, dns.rcode.FORMERR)]
        if fault in ("cut", "cut_and_silent"):
            reply.answer.clear()
            reply.flags |= dns.flags.TC
        good = reply.to_wire(max_size=65_535)
        return _damaged(good, fault)

    def _reply(self, query: dns.message.Message) -> dns.message.Message:
        reply = dns.message.make_response(query, recursion_available=True)
        name, kind = _name(query), dns.rdatatype.to_text(query.question[0].rdtype)
        known = self._chase(reply, name, kind)
        if not reply.answer or reply.answer[-1].rdtype == dns.rdatatype.CNAME:
            if not known:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            if self.faults.get(name) != "bare":
                reply.authority.append(dns.rrset.from_text("test.", 300, "IN", "SOA", SOA))
        if (edit := self.edits.get(_name(query))) is not None:
            edit(reply)
        return reply

    def _chase(self, reply: dns.message.Message, name: str, kind: str) -> bool:
        """Add the chain and the records; return whether the last name exists."""
        for _ in range(40):
            if values := self.records.get(f"{name} {kind}"):
                reply.answer.append(_records(f"{name}.", self.ttl, kind, tuple(values)))
                return True
            target = self.records.get(f"{name} CNAME")
            if target is None:
                return any(key.split()[0] == name for key in self.records)
            reply.answer.append(dns.rrset.from_text(f"{name}.", self.ttl, "IN", "CNAME", f"{target[0]}."))
            name = target[0]
            if self.faults.get(_name(reply)) == "bare":
                return True
        return True


@cache
def _records(name: str, ttl: int, kind: str, values: tuple[str, ...]) -> dns.rrset.RRset:
    return dns.rrset.from_text_list(name, ttl, "IN", kind, values)


def _name(message: dns.message.Message) -> str:
    return message.question[0].name.to_text(omit_final_dot=True).lower()


def _asked_for(message: dns.message.Message) -> str:
    return f"{_name(message)} {dns.rdatatype.to_text(message.question[0].rdtype)}"


def _refusal(query: dns.message.Message, code: dns.rcode.Rcode) -> bytes:
    reply = dns.message.make_response(query)
    reply.set_rcode(code)
    return reply.to_wire()


def _damaged(good: bytes, fault: str) -> list[bytes]:
    other_id = bytes((good[0] ^ 0xFF, good[1])) + good[2:]
    other_question = good[:13] + bytes((good[13] ^ 0x01,)) + good[14:]
    return {
        "wrong_id": [other_id],
        "wrong_question": [other_question],
        "not_a_reply": [good[:2] + bytes((good[2] & 0x7F,)) + good[3:]],
        "garbage": [b"", b"\0", good[:7], b"\xff" * 40],
        "malformed": [good[: good.find(b"\0\1", 12) + 8] + b"\xc0\xff\xff"],
        "spoof_first": [other_id, other_question, good],
    }.get(fault, [good])


@contextlib.asynccontextmanager
async def faulty_server() -> AsyncIterator[FaultyServer]:
    """Run one server."""
    server = FaultyServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
