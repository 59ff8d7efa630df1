"""Our own tables, written by hand from public pages: edge networks, backbones, platforms, shorteners.

Which row a host name falls under is said in `hosting/known.py`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Cdn:
    """Networks and names that are nothing but an edge."""

    as_of: str  #: ISO date on which the table was written
    asns: Mapping[int, str]  #: AS number -> operator
    suffixes: Mapping[str, str]  #: DNS suffix -> operator

    def operator_of_asn(self, asn: int) -> str | None:
        """Return the CDN that is all there is in this AS."""
        return self.asns.get(asn)


@dataclass(frozen=True, slots=True)
class Platform:
    """A service whose edges say nothing: the company answers for it, wherever its servers stand."""

    name: str
    company: str
    seat: str  #: ISO 3166-1 alpha-2 of the company that answers for the service
    report: str  #: the company's page for reports by hotlines and authorities
    domains: tuple[str, ...]
    kind: str  #: social, chat, store or storage


@dataclass(frozen=True, slots=True)
class Platforms:
    """The platform table."""

    as_of: str
    by_suffix: Mapping[str, Platform]


@cache
def load_cdn() -> Cdn:
    """Return the table of `cdn.toml`."""
    table = _read("cdn.toml")
    return Cdn(
        as_of=table["as_of"],
        asns={asn: row["name"] for row in table["operator"] for asn in row["asns"]},
        suffixes={suffix: row["name"] for row in table["operator"] for suffix in row["suffixes"]},
    )


@cache
def load_backbones() -> frozenset[int]:
    """Return the AS numbers of international transit networks."""
    return frozenset(int(asn) for asn in _read("backbones.toml")["networks"])


@cache
def load_platforms() -> Platforms:
    """Return the table of `platforms.toml`."""
    table = _read("platforms.toml")
    rows = [Platform(**{**row, "domains": tuple(row["domains"])}) for row in table["platform"]]
    return Platforms(as_of=table["as_of"], by_suffix={domain: row for row in rows for domain in row.domains})


@cache
def load_shorteners() -> frozenset[str]:
    """Return the domains of services whose links lead elsewhere."""
    return frozenset(_read("shorteners.toml")["domains"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
