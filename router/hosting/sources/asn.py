"""The autonomous system that announces an address, and the country that system is registered in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from router.data import DataSets
from router.hosting.judgement import IpParts, Statement
from router.hosting.sources.shipped import Found, ShippedSource, claim
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """An autonomous system, as far as it bears on its addresses. There is one object per AS and address family."""

    asn: int
    name: str
    country: str | None  #: where the AS is registered
    publishes: str | None  #: the operator that publishes this AS's hosting addresses, if one does
    thin: frozenset[str]  #: countries in which this widely spread AS has hardly any address
    places: frozenset[str]  #: countries that hold a good part of its space each
    statement: Statement  #: its registration; the detail is `AS64500 its name`


class Networks(ShippedSource):
    """Origin AS by Route Views and DB-IP, its country by IPtoASN: where a company is registered, not where it hosts."""

    name = "asn"
    roles: ClassVar[Mapping[str, Role]] = {"asn": Role((Part.NETWORK,), Measured.YES)}
    reads = "networks"

    def __init__(self, data: DataSets) -> None:
        """Read the set `networks`."""
        super().__init__(data)
        self._known: dict[tuple[int, int, object], Network] = {}  # bounded by the number of ASes: some 90,000
        self._last: tuple[IpParts | None, Network | None, int] = (None, None, 0)

    def announced(self, asked: IpParts) -> tuple[Network | None, int]:
        """Return who announces an address (None: nobody did on the day of the data), and how far that reaches."""
        # Three readers ask about one address in turn. The tuple is replaced whole, so threads cannot mix it up.
        before, network, length = self._last
        if before is not asked:
            value, length = self.find(asked)
            network = None if value is None else self._network(value, asked.version)
            self._last = (asked, network, length)
        return network, length

    def look(self, asked: IpParts) -> Found:
        """Return the AS's registration."""
        network, length = self.announced(asked)
        if network is None:
            return None, length
        return network.statement, length

    def _network(self, value: dict[str, str | int], version: int) -> Network:
        """One AS says the same for all its prefixes of a family, but that a holder's block may be thin by itself."""
        key = (int(value["asn"]), version, value.get("thin"))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._read(value)
        return known

    def _read(self, value: dict[str, str | int]) -> Network:
        country, publishes = value.get("country"), value.get("lists")
        seat = None if country is None else str(country)
        detail = f"AS{value['asn']} {value['name']}"
        return Network(
            asn=int(value["asn"]),
            name=str(value["name"]),
            country=seat,
            publishes=None if publishes is None else str(publishes),
            thin=frozenset(str(value.get("thin", "")).split()),
            # A network that stands in nothing but its own country is not written down as one.
            places=frozenset(str(value.get("places", seat or "")).split()),
            statement=Statement(self.name, claim(Basis.REGISTRATION, seat), self.as_of, detail),
        )
