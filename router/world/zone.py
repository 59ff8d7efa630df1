"""What the world's name servers know, and how it changes while the world runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import Final

from router.world.story import HOSTS, SITES, Host

#: A chain longer than any resolver follows: 16 is where the router stops (facts of RFC 1034 resolvers differ: 8 to 16).
LONG_CHAIN: Final = 20


class Fault(StrEnum):
    """What a broken or hostile name server does instead of answering well."""

    SERVFAIL = "servfail"
    REFUSED = "refused"
    DROP = "drop"  #: no answer at all
    WRONG_ID = "wrong_id"  #: the answer to somebody else's question number
    WRONG_QUESTION = "wrong_question"  #: the right number, another name: a spoofed answer
    TRUNCATED = "truncated"  #: TC over UDP, whole over TCP
    TRUNCATED_ALWAYS = "truncated_always"  #: TC over UDP and no TCP answer
    GARBAGE = "garbage"  #: the right number, then noise
    CUT = "cut"  #: a good answer that ends in the middle
    BLOCKED = "blocked"  #: a resolver that says NXDOMAIN, and that it blocks the name (RFC 8914)
    FORGED = "forged"  #: a resolver that leads to its own page in another country, and says so
    POLICY_ZONE = "policy_zone"  #: a filter that says NXDOMAIN by the SOA of its own list
    UNSIGNED = "unsigned"  #: NXDOMAIN without any SOA
    LAME = "lame"  #: it points to the root's servers, and does not ask on
    BAD_VERSION = "bad_version"  #: BADVERS, 16: by the header alone no error and no data


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record: owner name, type (A, AAAA, CNAME, TXT), its data as in a zone file, TTL in seconds."""

    name: str
    type: str
    data: str
    ttl: int = 3600


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one question: records in chain order; `exists` is false for NXDOMAIN."""

    records: tuple[Record, ...]
    exists: bool


class Zone:
    """Names and records of the simulated internet. A name is in it, possibly without any record, or does not exist."""

    def __init__(self, hosts: Iterable[Host] = ()) -> None:
        """Start with these hosts."""
        self._records: dict[str, tuple[Record, ...]] = {}
        self.faults: dict[str, Fault] = {}
        for host in hosts:
            self.put(host)

    def put(self, host: Host) -> None:
        """Add a host, or replace all that was known of its name."""
        alias = (Record(host.name, "CNAME", host.alias, host.ttl),) if host.alias else ()
        self._records[host.name] = alias + _addresses(host.name, host.addresses, host.ttl)

    def add(self, record: Record) -> None:
        """Add one record of any type."""
        self._records[record.name] = (*self._records.get(record.name, ()), record)

    def move(self, name: str, addresses: tuple[str, ...]) -> None:
        """Give a host new addresses; without any, its name stops existing. Raise KeyError for an unknown host."""
        ttl = max((record.ttl for record in self._records[name]), default=3600)
        if addresses:
            self._records[name] = _addresses(name, addresses, ttl)
        else:
            del self._records[name]

    def loop(self, name: str, *others: str) -> None:
        """Make a ring of aliases: `name` to the first of `others` and so on, the last back to `name`."""
        ring = (name, *others)
        for at, target in zip(ring, (*others, name), strict=True):
            self.put(Host(at, alias=target))

    def chain(self, name: str, address: str, length: int = LONG_CHAIN) -> None:
        """Make a chain of `length` aliases that ends at `address`."""
        names = (name, *(f"hop{hop}.{name}" for hop in range(1, length + 1)))
        for at, target in pairwise(names):
            self.put(Host(at, alias=target))
        self.put(Host(names[-1], (address,)))

    def crowd(self, name: str, v4: int = 4000, v6: int = 1000) -> None:
        """Give a name thousands of addresses. One message holds 65,535 octets: no more than 4,090 A or 2,335 AAAA."""
        first4, first6 = IPv4Address("188.166.64.0"), IPv6Address("2604:a880:cad:d0::1000")
        addresses = [str(first4 + offset) for offset in range(v4)]
        addresses += [str(first6 + offset) for offset in range(v6)]
        self.put(Host(name, tuple(addresses)))

    def find(self, name: str, kind: str) -> Found:
        """Follow aliases as an authoritative server of all of these names does (RFC 1034 section 4.3.2)."""
        chain: list[Record] = []
        seen: set[str] = set()
        while name in self._records and name not in seen:
            seen.add(name)
            here = self._records[name]
            if wanted := tuple(record for record in here if record.type == kind):
                return Found((*chain, *wanted), exists=True)
            alias = next((record for record in here if record.type == "CNAME"), None)
            if alias is None:
                return Found(tuple(chain), exists=True)
            chain.append(alias)
            name = alias.data
        return Found(tuple(chain), exists=name in seen)


def _addresses(name: str, addresses: tuple[str, ...], ttl: int) -> tuple[Record, ...]:
    return tuple(Record(name, "AAAA" if ":" in address else "A", address, ttl) for address in addresses)


def story_zone() -> Zone:
    """Return the zone as the story begins."""
    zone = Zone(HOSTS)
    for site in SITES:
        zone.put(Host(site.host, (site.address,), about=site.partner))
    zone.loop("circle.test", "circle-b.test")
    zone.chain("far.test", "188.166.40.22")
    zone.crowd("crowd.test")
    return zone
