"""One DNS question through dnspython: slow (2,000 a second) and right in every corner.

It carries what UDP cuts off (TCP) and TXT records, and it is the oracle that the fast reader is tested against.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from router.hosting.dns.answer import AAAA, ANSWERED, A, DnsAnswer, Found, Said, Server, concluded, more_telling
from router.hosting.dns.wire import spelled
from schemas.trace import DnsOutcome

#: Bytes of an answer that fit a packet which no network on the way has to cut (dnsflagday.net/2020).
UDP_SIZE = 1232
_TIMED_OUT = DnsAnswer(DnsOutcome.TIMEOUT)
_FAILURES = (dns.exception.DNSException, OSError, EOFError, ValueError)


def text_of(name: dns.name.Name) -> str:
    """Return a dnspython name as this folder writes names."""
    return spelled(label for label in name.labels if label)


def answer_of(message: dns.message.Message) -> DnsAnswer:
    """Return what a dnspython message says."""
    return concluded(text_of(message.question[0].name), said_of(message))


def said_of(message: dns.message.Message) -> Said:
    """Return what stands in a dnspython message."""
    aliases: dict[str, tuple[str, int]] = {}
    found: list[Found] = []
    subtrees: list[str] = []
    for rrset in _of_the_internet(message.answer):
        owner = text_of(rrset.name)
        if rrset.rdtype == dns.rdatatype.DNAME:
            subtrees.append(owner)
        for record in rrset:
            if rrset.rdtype == dns.rdatatype.CNAME:
                aliases.setdefault(owner, (text_of(record.target), rrset.ttl))
            elif rrset.rdtype == dns.rdatatype.A:
                found.append(Found(owner, IPv4Address(record.address), rrset.ttl))
            elif rrset.rdtype == dns.rdatatype.AAAA:
                found.append(Found(owner, IPv6Address(record.address), rrset.ttl))
    beside = list(_of_the_internet(message.authority))
    zones = [
        (text_of(rrset.name), min(rrset.ttl, record.minimum))
        for rrset in beside
        if rrset.rdtype == dns.rdatatype.SOA
        for record in rrset
    ]
    return Said(
        int(message.rcode()),
        bool(message.flags & dns.flags.AA),
        bool(message.flags & dns.flags.RA),
        aliases,
        tuple(found),
        tuple(subtrees),
        zones[0] if zones else None,
        any(rrset.rdtype == dns.rdatatype.NS for rrset in beside),
        frozenset(int(one.code) for one in message.extended_errors()),
    )


def _of_the_internet(section: Iterable[dns.rrset.RRset]) -> Iterator[dns.rrset.RRset]:
    return (rrset for rrset in section if rrset.rdclass == dns.rdataclass.IN)


class PlainAsker:
    """Asks each server in turn until one answers."""

    def __init__(self, servers: Sequence[Server], *, timeout: float = 2.0) -> None:
        """Take the servers, and the seconds to wait for each."""
        self._servers = tuple(servers)
        self._timeout = timeout

    async def ask(self, name: str, kind: int) -> DnsAnswer:
        """Ask for the records of `kind` of `name`."""
        worst = _TIMED_OUT
        for server in self._servers:
            message = await self._exchange(server, name, kind)
            answer = message if isinstance(message, DnsAnswer) else answer_of(message)
            if answer.outcome in ANSWERED:
                return answer
            worst = more_telling(worst, answer)
        return worst

    async def ask_both(self, name: str) -> tuple[DnsAnswer, DnsAnswer]:
        """Ask for A and AAAA at the same time."""
        first, second = await asyncio.gather(self.ask(name, A), self.ask(name, AAAA))
        return first, second

    async def ask_text(self, name: str) -> tuple[str, ...] | None:
        """Return the TXT records of `name`; empty when it has none, None when nobody could say."""
        for server in self._servers:
            message = await self._exchange(server, name, dns.rdatatype.TXT)
            if isinstance(message, DnsAnswer) or message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                continue
            return tuple(
                b"".join(record.strings).decode("utf-8", "replace")
                for rrset in _of_the_internet(message.answer)
                if rrset.rdtype == dns.rdatatype.TXT
                for record in rrset
            )
        return None

    async def ask_tcp(self, server: Server, name: str, kind: int) -> DnsAnswer:
        """Ask one server over TCP."""
        try:
            question = dns.message.make_query(name, dns.rdatatype.RdataType(kind), use_edns=0, payload=UDP_SIZE)
            reply = await dns.asyncquery.tcp(question, server[0], port=server[1], timeout=self._timeout)
        except dns.exception.Timeout:
            return _TIMED_OUT
        except _FAILURES:
            return DnsAnswer(DnsOutcome.SERVFAIL)
        return answer_of(reply)

    async def aclose(self) -> None:
        """Do nothing: no socket outlives its question."""

    async def _exchange(self, server: Server, name: str, kind: int) -> dns.message.Message | DnsAnswer:
        try:
            question = dns.message.make_query(name, dns.rdatatype.RdataType(kind), use_edns=0, payload=UDP_SIZE)
            reply, _ = await dns.asyncquery.udp_with_fallback(
                question, server[0], self._timeout, server[1], ignore_unexpected=True, ignore_errors=True
            )
        except dns.exception.Timeout:
            return _TIMED_OUT
        except _FAILURES:
            return DnsAnswer(DnsOutcome.SERVFAIL)
        return reply
