"""Packages as their publishers build them, with a handful of rows each."""

import gzip
from ipaddress import ip_network
from pathlib import Path

import msgpack
import pytest

from router.data.prefix_tree import PrefixTree


def country_database(file: Path, rows: dict[str, str], *, kind: str = "country", epoch: int = 1) -> None:
    """Write a country mmdb in the publishers' own shape."""
    tree = PrefixTree()
    for prefix, country in rows.items():
        tree.insert_network(ip_network(prefix), {"country_code": country})
    tree.write(file, kind=kind, description="test", epoch=epoch)


def span(prefix: str) -> tuple[int, int]:
    """The first and last address of a prefix, as numbers."""
    network = ip_network(prefix)
    return int(network[0]), int(network[-1])


def csv_line(prefix: str, *words: str) -> str:
    return ",".join((*map(str, span(prefix)), *(f'"{word}"' for word in words))) + "\n"


@pytest.fixture
def packages_folder(tmp_path: Path) -> dict[str, Path]:
    """A folder a package, by the names of sets.toml."""
    folders = {
        name: tmp_path / name for name in ("dbip-country", "asn", "asn-country", "iptoasn-country", "cloudip", "ipfire")
    }
    for folder in folders.values():
        folder.mkdir()
    country_database(
        folders["dbip-country"] / "dbip-country.mmdb",
        {"5.0.0.0/16": "NL", "5.1.0.0/16": "DE", "5.2.0.0/16": "ZZ", "2a00::/16": "FR"},
    )
    country_database(folders["iptoasn-country"] / "iptoasn-country.mmdb", {"5.0.0.0/8": "BE", "2a00::/16": "CH"})
    (folders["asn-country"] / "asn-country-ipv4-num.csv").write_text(
        csv_line("5.0.0.0/15", "NL") + csv_line("5.2.0.0/16", "EU")
    )
    (folders["asn-country"] / "asn-country-ipv6-num.csv").write_text(csv_line("2a00::/16", "GB"))
    (folders["asn"] / "asn-ipv4-num.csv").write_text(
        csv_line("5.0.0.0/16", "64500", "Example, Inc. ") + csv_line("5.1.0.0/24", "64501", "Other")
    )
    (folders["asn"] / "asn-ipv6-num.csv").write_text(csv_line("2a00::/16", "64500", "Example, Inc."))
    _cloudip(folders["cloudip"] / "cloudip/data/cloudip.msgpack.gz")
    _ipfire(folders["ipfire"] / "usr/share/tor")
    return folders


CLOUD_ROWS = [
    {"cidr": "5.0.0.0/20", "p": 0, "r": "eu-central-1", "s": "AMAZON"},
    {"cidr": "5.0.1.0/24", "p": 0, "r": "GLOBAL", "s": "CLOUDFRONT"},
    {"cidr": "5.0.32.0/24", "p": 1, "r": "westeurope"},
    {"cidr": "5.0.32.0/25", "p": 1},
    {"cidr": "5.0.40.0/24", "p": 1},
    {"cidr": "5.0.48.0/24", "p": 2},
    {"cidr": "5.0.64.0/24", "p": 3, "r": "US-NJ"},
    {"cidr": "5.0.65.0/24", "p": 0, "r": "mars-north-1"},
    {"cidr": "5.0.72.0/24", "p": 1, "s": "AZUREFRONTDOOR.FRONTEND"},
    {"cidr": "5.0.73.0/24", "p": 1, "s": "AZUREFRONTDOOR.BACKEND"},
    {"cidr": "5.0.80.0/24", "p": 4, "r": "global", "s": "GOOGLE_CLOUD"},
    {"cidr": "5.0.88.0/24", "p": 5, "r": "eu-frankfurt-1", "s": "OCI"},
    {"cidr": "5.0.81.0/24", "p": 4, "r": "europe-west4", "s": "GOOGLE_CLOUD"},
]


def _cloudip(file: Path) -> None:
    file.parent.mkdir(parents=True)
    content = {"providers": ["aws", "azure", "cloudflare", "digitalocean", "gcp", "oracle"], "ranges": CLOUD_ROWS}
    file.write_bytes(gzip.compress(msgpack.packb(content)))


def _ipfire(folder: Path) -> None:
    folder.mkdir(parents=True)
    low, high = span("5.0.0.0/24")
    held_back = ",".join(map(str, span("1.0.0.0/24")))
    (folder / "geoip").write_text(f"# a comment\n{low},{high},SE\n{held_back},AU\n5000,5001,??\n")
    (folder / "geoip6").write_text("2a00::,2a00:0:ffff:ffff:ffff:ffff:ffff:ffff,FI\n2400::,2400::1,JP\n")
