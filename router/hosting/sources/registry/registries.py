"""Which regional registry answers for an address, and how often it may be asked."""

import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import router.data
from router.hosting.sources.base import Ip

_FILE: Final = Path(router.data.__file__).parent / "registries.toml"


@dataclass(frozen=True, slots=True)
class RegistryInfo:
    """One regional registry."""

    name: str
    title: str
    rdap: str  #: base URL, ending in a slash
    per_second: float  #: questions on average
    burst: int  #: questions at once
    whois: str | None = None  #: host that answers WHOIS on port 43
    whois_query: str = "{ip}"  #: what it is asked


class Registries:
    """The registries by address (RFC 9224, with IANA's allocations as the bootstrap)."""

    def __init__(self, rows: Sequence[tuple[RegistryInfo, Sequence[str]]]) -> None:
        """Take each registry with its prefixes, which do not overlap."""
        self.all = tuple(info for info, _ in rows)
        nets = [(ip_network(prefix), info) for info, prefixes in rows for prefix in prefixes]
        spans = sorted(
            (net.version, int(net.network_address), int(net.broadcast_address), number)
            for number, (net, _) in enumerate(nets)
        )
        self._starts = [(version, first) for version, first, _, _ in spans]
        self._spans = [(last, nets[number][1]) for _, _, last, number in spans]
        self._by_host = {urlsplit(info.rdap).hostname: info for info in self.all}

    def of(self, ip: Ip) -> RegistryInfo | None:
        """Return the registry that answers for `ip`; None for what IANA has given to nobody."""
        at = bisect_right(self._starts, (ip.version, int(ip))) - 1
        if at < 0 or self._starts[at][0] != ip.version:
            return None
        last, info = self._spans[at]
        return info if int(ip) <= last else None

    def at(self, url: str) -> RegistryInfo | None:
        """Return the registry that a redirect leads to; None when it leads anywhere else."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        return self._by_host.get(parts.hostname) if parts.scheme == "https" else None


@cache
def load_registries() -> Registries:
    """Return the table of `data/registries.toml`."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["registry"]
    return Registries(
        [(RegistryInfo(**{k: v for k, v in row.items() if k != "prefixes"}), row["prefixes"]) for row in rows]
    )
