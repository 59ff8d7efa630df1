"""Find networks that claim to be in most countries of the world, and the countries in which they hardly are.

Some networks announce a block or two for each of a hundred countries, with registry entries and feeds that say so,
while the machines stand in a few data centres. Geolocation vendors repeat those claims, so two sources agree and both
are wrong. The measurements on feeds (fact sheet on hosting countries, "feeds can lie") show the mark: about one
prefix per country once very many countries are named. A small honest network also has few prefixes per country, so
the number of countries is part of the test.
"""

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Address
from pathlib import Path

import maxminddb

from router.data.packages import Announcement, country_of

#: From here on a network counts as widely spread. An operator with real sites in this many countries is rare.
WIDE = 40
#: A widely spread network with at most this many /24 blocks in a country hardly is there.
FEW_BLOCKS = 4
#: Large ranges are sampled: this many /24 blocks each are looked at.
_SAMPLES = 256


def thin_countries(announced: Iterable[Announcement], geolocation: Path) -> dict[int, set[str]]:
    """Return for each widely spread AS (IPv4) the countries in which it has at most `FEW_BLOCKS` /24 blocks."""
    with maxminddb.open_database(geolocation) as reader:
        blocks = _count(announced, reader)
    return {
        asn: {country for country, count in counts.items() if count <= FEW_BLOCKS}
        for asn, counts in blocks.items()
        if len(counts) >= WIDE
    }


def _count(announced: Iterable[Announcement], reader: maxminddb.Reader) -> dict[int, Counter[str]]:
    blocks: dict[int, Counter[str]] = {}
    for found in announced:
        if found.version == 4:
            counts = blocks.setdefault(found.asn, Counter())
            first, last = found.first >> 8, found.last >> 8
            step = max(1, (last - first + 1) // _SAMPLES)
            for block in range(first, last + 1, step):
                country = _country(reader, max(block << 8, found.first))
                if country is not None:
                    counts[country] += step
    return blocks


def _country(reader: maxminddb.Reader, address: int) -> str | None:
    return country_of(reader.get(IPv4Address(address))) or None
