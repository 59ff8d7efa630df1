"""Names that say more than their addresses: platforms, shorteners, parking services, CDNs.

The tables are data (`router/data/*.toml`); what follows from a name is decided in `trace.py`.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import router.data
from router.data.tables import Cdn, Platform, Platforms, load_cdn, load_platforms, load_shorteners

_FILE: Final = Path(router.data.__file__).parent / "hosts.toml"


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """What is known of a name, or of a name above it."""

    platforms: Platforms
    shorteners: Collection[str]
    cdn: Cdn
    parking: frozenset[str]

    @classmethod
    def load(cls) -> "KnownHosts":
        """Read the tables that ship with the router."""
        table: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        return cls(load_platforms(), load_shorteners(), load_cdn(), frozenset(table["parking"]["names"]))

    def platform(self, host: str) -> Platform | None:
        """Return the platform that `host` belongs to: its site, or what its members' pictures and films come from."""
        table, customers = self.platforms.by_suffix, self.platforms.customers
        found = next((name for name in _upwards(host) if name in table or name in customers), None)
        return None if found is None else table.get(found)

    def is_shortener(self, host: str) -> bool:
        """Say whether `host` only sends visitors on; its customers' own subdomains do not count."""
        return host.removeprefix("www.") in self.shorteners

    def edge(self, names: Iterable[str]) -> str | None:
        """Return the CDN operator that the first of `names` with one belongs to."""
        table = self.cdn.suffixes
        return next((table[above] for name in names for above in _upwards(name) if above in table), None)

    def is_parked(self, names: Iterable[str]) -> bool:
        """Say whether one of `names` is a parking service's."""
        return any(above in self.parking for name in names for above in _upwards(name))


def _upwards(host: str) -> Iterator[str]:
    """Yield `host` and the names above it, but no top-level domain."""
    while "." in host:
        yield host
        host = host.partition(".")[2]
