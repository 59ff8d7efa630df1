"""Find networks that claim to be in most countries of the world, and the countries in which they hardly are.

Some networks announce a block or two for each of a hundred countries, with registry entries and feeds that say so,
while the machines stand in a few data centres. Geolocation vendors repeat those claims, so two sources agree and both
are wrong. The measurements on feeds (fact sheet on hosting countries, "feeds can lie") show the mark: about one
prefix per country once very many countries are named. A small honest network also has few prefixes per country, so
the number of countries is part of the test.

What is counted differs by family. An IPv4 address costs money, so how many a network spends on a country says
something: /24 blocks are counted. In IPv6 a /36 for each flag is as cheap as a /48, so statements are counted, however
large their blocks. Where the same network holds more than a block or two of IPv4 in a country it is there, however few
statements IPv6 has. The same show is run by customers who announce parts of one holder's block under AS numbers of
their own, so the block that registries give out is put to the test too.

The same count tells in which countries a network really stands: those that hold a good part of its space.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeAlias

import maxminddb

from router.data.packages import Announcement, country_of
from schemas.countries import ALPHA2

#: From here on a network counts as widely spread. An operator with real sites in this many countries is rare.
WIDE = 40
#: A widely spread network with at most this many blocks in a country hardly is there.
FEW_BLOCKS = 4
#: A network stands in a country that holds at least this share of its space. A lower share may be a block that it rents
#: or rents out, for which registry and geolocation only know where the block's holder is.
STANDS = 0.05
#: Large ranges are sampled: this many /24 blocks each are looked at.
_SAMPLES = 256
#: What a registry gives a holder in IPv6 at least (RIPE-738 5.1, ARIN NRPM 6.5.2: a /32), in bits from the right.
_GIVEN = 128 - 32

#: Where blocks are counted: an AS in a family, or the IPv6 block of one holder.
_Place: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Spread:
    """Where networks stand, by how much of their space geolocation puts into each country."""

    blocks: Mapping[_Place, Mapping[str, int]]

    def thin(self, found: Announcement) -> frozenset[str]:
        """Return the countries in which whoever announces a range, or the holder of its block, hardly is.

        Those are the ones with at most `FEW_BLOCKS` blocks, or none, of a network that is in `WIDE` or more.
        """
        places = (self.blocks.get(place, {}) for place in _places(found.version, found.asn, found.first, found.last))
        thin = (ALPHA2 - _many(counts) for counts in places if len(counts) >= WIDE)
        return frozenset().union(*thin) - (_many(self._ipv4(found.asn)) if found.version == 6 else frozenset())

    def places(self, found: Announcement) -> frozenset[str]:
        """Return the countries that hold at least `STANDS` of the space of whoever announces a range."""
        counts = self._ipv4(found.asn) or self.blocks.get(("IPv6 of an AS", found.asn), {})
        whole = sum(counts.values())
        return frozenset(country for country, count in counts.items() if count >= STANDS * whole)

    def _ipv4(self, asn: int) -> Mapping[str, int]:
        return self.blocks.get(("IPv4 of an AS", asn), {})


def _many(counts: Mapping[str, int]) -> frozenset[str]:
    return frozenset(country for country, count in counts.items() if count > FEW_BLOCKS)


def spread(announced: Iterable[Announcement], geolocation: Path) -> Spread:
    """Count the blocks of each network, and of each holder's block in IPv6, by country."""
    blocks: dict[_Place, Counter[str]] = defaultdict(Counter)
    with maxminddb.open_database(geolocation) as reader:
        statements = _Statements(reader)
        for found in announced:
            counted = _sampled(found, reader) if found.version == 4 else statements.within(found)
            for country, first, last, count in counted:
                for place in _places(found.version, found.asn, first, last):
                    blocks[place][country] += count
    return Spread(blocks)


def _places(version: int, asn: int, first: int, last: int) -> Iterator[_Place]:
    yield f"IPv{version} of an AS", asn
    if version == 6 and first >> _GIVEN == last >> _GIVEN:
        yield "a holder's block", first >> _GIVEN


#: A country, the range it is claimed for, and how many blocks that counts as.
_Counted: TypeAlias = tuple[str, int, int, int]


def _sampled(found: Announcement, reader: maxminddb.Reader) -> Iterator[_Counted]:
    first, last = found.first >> 8, found.last >> 8
    step = max(1, (last - first + 1) // _SAMPLES)
    for block in range(first, last + 1, step):
        start = max(block << 8, found.first)
        country = country_of(reader.get(IPv4Address(start)))
        if country:
            yield country, start, start, step


class _Statements:
    """Geolocation's IPv6 blocks, in order."""

    def __init__(self, reader: maxminddb.Reader) -> None:
        found = ((network, country_of(record)) for network, record in reader if network.version == 6)
        self._rows = sorted(
            (int(network.network_address), int(network.broadcast_address), country)
            for network, country in found
            if country
        )
        self._firsts = [first for first, _, _ in self._rows]

    def within(self, found: Announcement) -> Iterator[_Counted]:
        """Yield the blocks that touch an announced range, cut to it."""
        start = max(0, bisect_right(self._firsts, found.first) - 1)
        end = bisect_right(self._firsts, found.last)
        for first, last, country in self._rows[start:end]:
            if last >= found.first:
                yield country, max(first, found.first), min(last, found.last), 1
