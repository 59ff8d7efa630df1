"""Lay what the official publishers send out as the pinned packages do, so that one compiler serves both.

Each function takes the files of one package by their names in `publishers.toml`, and fills the folder that
`packages.py` reads; the operators' lists are laid out in `operator_rows.py`. What cannot be read raises what the reader
of its form raises: the caller keeps the old data.
"""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO, StringIO
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from pathlib import Path
from typing import Any, TypeAlias

import maxminddb
from maxminddb.const import MODE_MEMORY

from router.data.packages import country_of
from router.data.prefix_tree import PrefixTree, Range
from schemas.countries import ALPHA2

#: File name -> its content, as sent.
Files: TypeAlias = Mapping[str, bytes]
LayOut: TypeAlias = Callable[[Files, Path], None]

#: No publisher's file is larger than this once unpacked; more is a bomb or a mistake. In bytes.
UNPACKED_MOST = 400_000_000
#: What a registry counts as given out, `legacy` being what was before there were registries; `available` and `reserved`
#: blocks have no holder (NRO extended format).
_GIVEN_OUT = frozenset({"allocated", "assigned", "legacy"})


def geolocation(files: Files, folder: Path) -> None:
    """Write DB-IP's mmdb anew.

    The library's quick reader, which is in C, corrupts memory while it walks through a file with one wrong bit; its
    slow one, in Python, raises. So what a stranger sent is read by the slow one, for half a minute, and only what we
    wrote by the other.
    """
    file, tree = folder / "sent.mmdb", PrefixTree()
    file.write_bytes(unpack(files["country.mmdb.gz"]))
    with maxminddb.open_database(file, MODE_MEMORY) as reader:
        for network, record in reader:
            if country := country_of(record):
                tree.insert_network(network, {"country_code": country})
    file.unlink()
    tree.write(folder / "dbip-country.mmdb", kind="country", description="DB-IP Lite", epoch=1)


def assignments(files: Files, folder: Path) -> None:
    """Put Tor's copies of IPFire Location where the Debian package has them."""
    place = folder / "usr/share/tor"
    place.mkdir(parents=True)
    for name in ("geoip", "geoip6"):
        (place / name).write_bytes(files[name])


def delegation(files: Files, folder: Path) -> None:
    """Read the five registries' extended statistics, lines of registry, country, type, start, value, date, status."""
    rows = sorted(row for content in files.values() for row in _delegated(content.decode("utf-8", "replace")))
    for version in (4, 6):
        with (folder / f"asn-country-ipv{version}-num.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(row[1:] for row in rows if row[0] == version)


def networks(files: Files, folder: Path) -> None:
    """Read IPtoASN: first, last, AS number, country, name; its zero means that nobody announces the range."""
    seats = PrefixTree()
    for version, address in ((4, IPv4Address), (6, IPv6Address)):
        with (folder / f"asn-ipv{version}-num.csv").open("w", encoding="utf-8", newline="") as file:
            written = csv.writer(file)
            for first, last, asn, country, name in _tsv(unpack(files[f"v{version}.tsv.gz"])):
                low, high, number = int(address(first)), int(address(last)), int(asn)
                if not 0 <= number < 1 << 32:
                    raise ValueError("no AS number")
                if number:
                    written.writerow((low, high, number, name))
                    seats.insert(Range(version, low, high, {"country_code": country}))
    seats.write(folder / "iptoasn-country.mmdb", kind="country", description="IPtoASN", epoch=1)


#: Package of sets.toml -> how the publishers' files become it.
LAY_OUT: Mapping[str, LayOut] = {
    "dbip-country": geolocation,
    "ipfire": assignments,
    "asn-country": delegation,
    "asn": networks,
}


def unpack(content: bytes) -> bytes:
    """Return gzip's content, checked by its own CRC and bounded in size."""
    try:
        with gzip.open(BytesIO(content)) as packed:
            whole = packed.read(UNPACKED_MOST + 1)
    except (EOFError, zlib.error) as error:
        raise ValueError("cut short, or no gzip") from error
    if len(whole) > UNPACKED_MOST:
        raise ValueError("larger than any such file may be")
    return whole


def _delegated(text: str) -> Iterator[tuple[int, int, int, str]]:
    for line in text.splitlines():
        fields: list[Any] = line.split("|")
        if len(fields) < 7 or fields[6] not in _GIVEN_OUT or fields[1] not in ALPHA2:
            continue
        _, country, kind, start, value, *_ = fields
        if kind == "ipv4":
            first = int(IPv4Address(start))
            yield 4, first, first + int(value) - 1, country
        elif kind == "ipv6":
            block = IPv6Network(f"{start}/{value}")
            yield 6, int(block[0]), int(block[-1]), country


def _tsv(content: bytes) -> Iterator[list[str]]:
    yield from csv.reader(StringIO(content.decode("utf-8", "replace")), delimiter="\t", quoting=csv.QUOTE_NONE)
