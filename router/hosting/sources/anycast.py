"""Anycast: addresses that many machines in many countries answer to at once, by our own table of well-known ones."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import ClassVar

from router.data.tables import Anycast
from router.hosting.judgement import IpParts
from router.hosting.sources.asn import Networks
from router.hosting.sources.shipped import Found, LocalSource
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis

#: The finest blocks that the routing system carries (IPv4, IPv6); a table's prefix is one, or some beside each other.
FINEST: Mapping[int, int] = {4: 24, 6: 48}
#: Blocks of so many bits that hold no address of the table end the look-up: nearly all do.
_WIDE: Mapping[int, int] = {4: 16, 6: 32}


class AnycastAddresses(LocalSource):
    """Says that an address stands nowhere in particular. What follows is that of a CDN's edge: no hosting country."""

    name = "anycast"
    roles: ClassVar[Mapping[str, Role]] = {"anycast": Role((Part.EDGE,), Measured.YES)}

    def __init__(self, networks: Networks, table: Anycast) -> None:
        """Take the table; `networks` tells the networks that are nothing but anycast."""
        super().__init__(table.as_of)
        self._networks = networks
        self._asns = table.asns
        self._blocks = {(version, block): operator for version, block, operator in _blocks(table)}
        self._near = {(version, block >> (FINEST[version] - _WIDE[version])) for version, block in self._blocks}
        self._sorted = {
            family: sorted(block for version, block in self._blocks if version == family) for family in FINEST
        }

    def look(self, asked: IpParts) -> Found:
        """Return one claim of basis `edge`, or none; its detail is the operator's name."""
        version, length = asked.version, _WIDE[asked.version]
        operator = None
        if (version, asked.number >> (asked.bits - length)) in self._near:
            length = FINEST[version]
            block = asked.number >> (asked.bits - length)
            operator = self._blocks.get((version, block))
            if operator is None:
                length = self._silence(version, block)
        if operator is None:
            return None, length
        return self.state(Basis.EDGE, None, operator), length

    def of_network(self, asked: IpParts) -> Found:
        """Return the claim that all of the network is anycast, if our table names it."""
        if not self._asns:
            return None, 0
        network, reach = self._networks.announced(asked)
        operator = None if network is None else self._asns.get(network.asn)
        return None if operator is None else self.state(Basis.EDGE, None, operator), reach

    def _silence(self, version: int, block: int) -> int:
        """Return the length of the widest prefix around a block that is not in the table in which no other one is."""
        others = self._sorted[version]
        at = bisect_left(others, block)
        # Two blocks first differ in some bit: a prefix that ends with it holds only one of them.
        apart = [(block ^ other).bit_length() for other in others[max(at - 1, 0) : at + 1]]
        return FINEST[version] + 1 - min(apart, default=FINEST[version] + 1)


def _blocks(table: Anycast) -> Iterator[tuple[int, int, str]]:
    """Yield the finest blocks of the table's prefixes: IP version, leading bits as a number, operator."""
    for text, operator in table.prefixes.items():
        network = ip_network(text)
        finest = FINEST[network.version]
        for part in network.subnets(new_prefix=finest):
            yield network.version, int(part[0]) >> (network.max_prefixlen - finest), operator
