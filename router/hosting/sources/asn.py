"""The autonomous system that announces an address, and the country that system is registered in."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim, prefix_text
from schemas.trace import Basis, Evidence


@dataclass(frozen=True, slots=True)
class Network:
    """Who announces an address."""

    asn: int
    name: str
    country: str | None  #: where the AS is registered
    publishes: str | None  #: the operator that publishes this AS's hosting addresses, if one does
    thin: frozenset[str]  #: countries in which this widely spread AS has hardly any address
    length: int  #: of the announced prefix, in bits


class Networks:
    """Origin AS by Route Views and DB-IP, its country by IPtoASN: where a company is registered, not where it hosts."""

    name = "asn"

    def __init__(self, data: DataSets) -> None:
        """Read the set `networks`."""
        self._set = Shipped(data, "networks")
        self._last: tuple[Ip | None, Network | None] = (None, None)

    def network(self, ip: Ip) -> Network | None:
        """Return who announces `ip`; None when nobody did on the day of the data."""
        # Three readers ask about the same address in turn. The pair is replaced whole, so threads cannot mix it up.
        asked, found = self._last
        if asked is ip:
            return found
        value, length = self._set.find(ip)
        found = None if value is None else _network(value, length)
        self._last = (ip, found)
        return found

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return the AS's registration; the detail is `AS64500 its name`."""
        found = self.network(ip)
        if found is None:
            return ()
        return (
            Evidence(
                source=self.name,
                claim=claim(Basis.REGISTRATION, found.country),
                as_of=self._set.as_of,
                prefix=prefix_text(ip, found.length),
                detail=f"AS{found.asn} {found.name}",
            ),
        )


def _network(value: dict[str, str | int], length: int) -> Network:
    country, publishes = value.get("country"), value.get("lists")
    return Network(
        asn=int(value["asn"]),
        name=str(value["name"]),
        country=None if country is None else str(country),
        publishes=None if publishes is None else str(publishes),
        thin=frozenset(str(value["thin"]).split()) if "thin" in value else _NOWHERE,
        length=length,
    )


_NOWHERE: frozenset[str] = frozenset()
