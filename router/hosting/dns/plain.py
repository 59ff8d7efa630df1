"""One DNS question through dnspython: slow (2,000 a second) and right in every corner.

It carries what UDP cuts off (TCP) and TXT records, and it is the oracle that the fast reader is tested against.
"""

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

from router.hosting.dns.answer import AAAA, A, Answer, Found, Server
from schemas.trace import DnsOutcome

#: Bytes of an answer that fit a packet which no network on the way has to cut (dnsflagday.net/2020).
UDP_SIZE = 1232
_FAILURES = (dns.exception.DNSException, OSError, EOFError, ValueError)


def text_of(name: dns.name.Name) -> str:
    """Return a dnspython name as this folder writes names."""
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True).lower()


def answer_of(message: dns.message.Message) -> Answer:
    """Return what a dnspython message says."""
    if message.rcode() == dns.rcode.NXDOMAIN:
        outcome = DnsOutcome.NXDOMAIN
    elif message.rcode() == dns.rcode.NOERROR:
        outcome = DnsOutcome.OK
    else:
        return Answer(DnsOutcome.SERVFAIL)
    aliases: dict[str, tuple[str, int]] = {}
    found: list[Found] = []
    for rrset in message.answer:
        if rrset.rdclass != dns.rdataclass.IN:
            continue
        owner = text_of(rrset.name)
        for record in rrset:
            if rrset.rdtype == dns.rdatatype.CNAME:
                aliases.setdefault(owner, (text_of(record.target), rrset.ttl))
            elif rrset.rdtype == dns.rdatatype.A:
                found.append(Found(owner, IPv4Address(record.address), rrset.ttl))
            elif rrset.rdtype == dns.rdatatype.AAAA:
                found.append(Found(owner, IPv6Address(record.address), rrset.ttl))
    negative = [
        min(rrset.ttl, record.minimum)
        for rrset in message.authority
        if rrset.rdtype == dns.rdatatype.SOA and rrset.rdclass == dns.rdataclass.IN
        for record in rrset
    ]
    return Answer(outcome, aliases, tuple(found), negative[0] if negative else None)


class PlainAsker:
    """Asks each server in turn until one answers."""

    def __init__(self, servers: Sequence[Server], *, timeout: float = 2.0) -> None:
        """Take the servers, and the seconds to wait for each."""
        self._servers = tuple(servers)
        self._timeout = timeout

    async def ask(self, name: str, kind: int) -> Answer:
        """Ask for the records of `kind` of `name`."""
        message = await self._exchange(name, kind)
        return message if isinstance(message, Answer) else answer_of(message)

    async def ask_both(self, name: str) -> tuple[Answer, Answer]:
        """Ask for A and AAAA at the same time."""
        first, second = await asyncio.gather(self.ask(name, A), self.ask(name, AAAA))
        return first, second

    async def ask_text(self, name: str) -> tuple[str, ...] | None:
        """Return the TXT records of `name`; empty when it has none, None when nobody could say."""
        message = await self._exchange(name, dns.rdatatype.TXT)
        if isinstance(message, Answer):
            return None
        if message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return None
        return tuple(
            b"".join(record.strings).decode("utf-8", "replace")
            for rrset in message.answer
            if rrset.rdtype == dns.rdatatype.TXT and rrset.rdclass == dns.rdataclass.IN
            for record in rrset
        )

    async def ask_tcp(self, server: Server, name: str, kind: int) -> Answer:
        """Ask one server over TCP."""
        try:
            question = dns.message.make_query(name, dns.rdatatype.RdataType(kind), use_edns=0, payload=UDP_SIZE)
            reply = await dns.asyncquery.tcp(question, server[0], port=server[1], timeout=self._timeout)
        except dns.exception.Timeout:
            return Answer(DnsOutcome.TIMEOUT)
        except _FAILURES:
            return Answer(DnsOutcome.SERVFAIL)
        return answer_of(reply)

    async def aclose(self) -> None:
        """Do nothing: no socket outlives its question."""

    async def _exchange(self, name: str, kind: int) -> dns.message.Message | Answer:
        failure = Answer(DnsOutcome.TIMEOUT)
        for server in self._servers:
            try:
                question = dns.message.make_query(name, dns.rdatatype.RdataType(kind), use_edns=0, payload=UDP_SIZE)
                reply, _ = await dns.asyncquery.udp_with_fallback(
                    question, server[0], self._timeout, server[1], ignore_unexpected=True, ignore_errors=True
                )
            except dns.exception.Timeout:
                continue
            except _FAILURES:
                failure = Answer(DnsOutcome.SERVFAIL)
                continue
            if reply.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                return reply
            failure = Answer(DnsOutcome.SERVFAIL)
        return failure
