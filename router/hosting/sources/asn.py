"""The autonomous system that announces an address, and the country that system is registered in."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim
from schemas.trace import Basis, Claim, Evidence


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """An autonomous system, as far as it bears on its addresses. There is one object per AS and address family."""

    asn: int
    name: str
    country: str | None  #: where the AS is registered
    publishes: str | None  #: the operator that publishes this AS's hosting addresses, if one does
    thin: frozenset[str]  #: countries in which this widely spread AS has hardly any address
    claim: Claim
    detail: str


class Networks:
    """Origin AS by Route Views and DB-IP, its country by IPtoASN: where a company is registered, not where it hosts."""

    name = "asn"

    def __init__(self, data: DataSets) -> None:
        """Read the set `networks`."""
        self._set = Shipped(data, "networks", self.name)
        self._known: dict[tuple[int, int], Network] = {}  # bounded by the number of ASes: some 90,000
        self._last: tuple[Ip | None, Network | None, int] = (None, None, 0)

    def find(self, ip: Ip) -> tuple[Network | None, int]:
        """Return who announces `ip` (None when nobody did on the day of the data), and the prefix length of that."""
        # Three readers ask about one address in turn. The tuple is replaced whole, so threads cannot mix it up.
        asked, network, length = self._last
        if asked is not ip:
            value, length = self._set.find(ip)
            network = None if value is None else self._network(value, ip.version)
            self._last = (ip, network, length)
        return network, length

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return the AS's registration; the detail is `AS64500 its name`."""
        network, length = self.find(ip)
        return () if network is None else (self._set.evidence(ip, length, network.claim, network.detail),)

    def _network(self, value: dict[str, str | int], version: int) -> Network:
        """One AS says the same for all its prefixes of a family: only `thin` stands at IPv4 alone."""
        key = (int(value["asn"]), version)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _read(value)
        return known


def _read(value: dict[str, str | int]) -> Network:
    country, publishes = value.get("country"), value.get("lists")
    return Network(
        asn=int(value["asn"]),
        name=str(value["name"]),
        country=None if country is None else str(country),
        publishes=None if publishes is None else str(publishes),
        thin=frozenset(str(value.get("thin", "")).split()),
        claim=claim(Basis.REGISTRATION, None if country is None else str(country)),
        detail=f"AS{value['asn']} {value['name']}",
    )
