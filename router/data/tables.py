"""Our own tables, written by hand from public pages: edge networks, anycast, backbones, and services by their names.

Which row a host name falls under is said in `hosting/known_names.py`.
"""

import re
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
class Anycast:
    """Addresses that machines in many countries answer to at once."""

    as_of: str  #: ISO date on which the table was written
    prefixes: Mapping[str, str]  #: prefix -> operator
    asns: Mapping[int, str]  #: AS number -> operator; the whole network is anycast


@dataclass(frozen=True, slots=True)
class Platform:
    """A service whose edges say nothing: the company answers for it, wherever its servers stand."""

    name: str
    company: str
    seat: str  #: ISO 3166-1 alpha-2 of the company that answers for the service
    report: str  #: the company's page for reports by hotlines and authorities
    domains: tuple[str, ...]
    kind: str  #: social, chat, store or storage
    #: Names that its members' pictures and films come from, often out of a cache inside an access provider's network.
    media: tuple[str, ...] = ()
    media_source: str = ""  #: the service's own page that carries such names
    customers: tuple[
        str, ...
    ] = ()  #: names under `domains` that are machines of its customers: those say where they are


@dataclass(frozen=True, slots=True)
class Platforms:
    """The platform table."""

    as_of: str
    by_suffix: Mapping[str, Platform]
    customers: frozenset[str] = frozenset()  #: names under a platform's whose hosts are its customers'


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
def load_anycast() -> Anycast:
    """Return the table of `anycast.toml`."""
    table = _read("anycast.toml")
    return Anycast(
        as_of=table["as_of"],
        prefixes={prefix: row["name"] for row in table["operator"] for prefix in row["prefixes"]},
        asns={asn: row["name"] for row in table["operator"] for asn in row["asns"]},
    )


@cache
def load_backbones() -> frozenset[int]:
    """Return the AS numbers of international transit networks."""
    return frozenset(int(asn) for asn in _read("backbones.toml")["networks"])


@cache
def load_platforms() -> Platforms:
    """Return the table of `platforms.toml`."""
    table = _read("platforms.toml")
    rows = [Platform(**{key: _fixed(value) for key, value in row.items()}) for row in table["platform"]]
    return Platforms(
        as_of=table["as_of"],
        by_suffix={name: row for row in rows for name in (*row.domains, *row.media)},
        customers=frozenset(name for row in rows for name in row.customers),
    )


@cache
def load_shorteners() -> frozenset[str]:
    """Return the domains of services whose links lead elsewhere."""
    return frozenset(_read("shorteners.toml")["domains"])


@cache
def load_gateways() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return the gateways of `gateways.toml`: a registered domain -> the names in it, and the network behind each."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for row in _read("gateways.toml")["gateway"]:
        for name in row["names"]:
            domain = ".".join(name.split(".")[-2:])
            found[domain] = (*found.get(domain, ()), (name, row["network"]))
    return found


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A service whose links carry another location, or that shows a copy of one."""

    name: str
    hosts: tuple[str, ...]  #: with their subdomains; `google.*` is that name under every public suffix
    source: str  #: the service's own page
    paths: tuple[str, ...] = ()  #: only paths that begin so; none is any
    keys: tuple[str, ...] = ()  #: fields of the query that hold the inner location
    form: str = ""  #: the service's own way of writing it
    copy: bool = False  #: it shows a copy: both are locations
    bare: bool = False  #: the inner location may lack its scheme


@dataclass(frozen=True, slots=True)
class Wrappers:
    """The table of wrappers, and the words by which their structure is judged."""

    by_domain: Mapping[str, tuple[Wrapper, ...]]  #: the last two labels of a host, or `google.*`
    counters: re.Pattern[str]  #: paths, from their first slash, of links that count clicks on any host
    origin_keys: frozenset[str]
    return_keys: frozenset[str]
    login_words: frozenset[str]
    redirect_words: frozenset[str]
    copy_words: frozenset[str]
    media_endings: frozenset[str]


@cache
def load_wrappers() -> Wrappers:
    """Return the table of `wrappers.toml`."""
    table = _read("wrappers.toml")
    found: dict[str, tuple[Wrapper, ...]] = {}
    for row in table["wrapper"]:
        wrapper = Wrapper(**{key: _fixed(value) for key, value in row.items()})
        for domain in dict.fromkeys(".".join(host.split(".")[-2:]) for host in wrapper.hosts):
            found[domain] = (*found.get(domain, ()), wrapper)
    counters = re.compile("|".join(row["path"] for row in table["counter"]))
    return Wrappers(found, counters, **{name: frozenset(words) for name, words in table["structure"].items()})


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
