"""Ask Team Cymru, over DNS, who announces an address and where that network is registered.

It says where a network's holder is registered and not where a machine is (team-cymru.com/ip-asn-mapping: "not a GeoIP
service"), so it is only asked when the embedded data do not know the announcing network's country. Their name servers
learn the address, and so does the operator's resolver. At most one question a second on average, as they ask of
everybody who does not use their bulk service.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, ip_network
from typing import ClassVar, Final, NamedTuple, Protocol

from router.clock import Clock
from router.errors import EvidenceUnavailable
from router.hosting.pace import Pace
from router.hosting.sources.base import Ip
from router.hosting.verdict.part import Measured, Part, Role
from schemas.countries import ALPHA2
from schemas.trace import Basis, Claim, Evidence

#: Seconds; their data are made every four hours.
_FRESH: Final = 4 * 3600.0
_MOST: Final = 10_000
_NUMBER: Final = re.compile(r"\d{1,10}")


class TextAsker(Protocol):
    """Somebody who can be asked for TXT records: `dns.plain.PlainAsker`."""

    async def ask_text(self, name: str) -> tuple[str, ...] | None:
        """Return the records; empty when there are none, None when nobody could say."""
        ...


class AsOrigin(NamedTuple):
    """Who announces a prefix."""

    asn: int
    prefix: str


class Cymru:
    """Team Cymru's IP to ASN mapping as an evidence source."""

    name = "cymru"
    roles: ClassVar[Mapping[str, Role]] = {"cymru": Role((Part.NETWORK,), Measured.LIKE_ANOTHER)}

    def __init__(self, asker: TextAsker, clock: Clock) -> None:
        """Take who asks DNS, and the clock that ages answers."""
        self._asker = asker
        self._clock = clock
        self._pace = Pace(1.0, 50, self._now)
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:
        """Return where the announcing network is registered; nothing if that is known already.

        Raises `EvidenceUnavailable`.
        """
        if any(one.source == "asn" and one.claim.country is not None for one in so_far):
            return ()
        origin = read_origin(await self._ask(_reversed(ip)), ip)
        if origin is None:
            return ()
        country, name = read_network(await self._ask(f"as{origin.asn}.asn.cymru.com"))
        return (
            Evidence(
                source=self.name,
                claim=Claim(basis=Basis.REGISTRATION, country=country),
                as_of=self._clock.now().date().isoformat(),
                prefix=origin.prefix,
                detail=f"AS{origin.asn} {name}".rstrip(),
            ),
        )

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _ask(self, name: str) -> tuple[str, ...]:
        now = self._now()
        kept = self._kept.get(name)
        if kept is not None and now < kept[0]:
            return kept[1]
        found = await self._asker.ask_text(name) if self._pace.may_ask() else None
        if found is None:
            raise EvidenceUnavailable("Team Cymru did not answer; try again later.")
        if len(self._kept) >= _MOST:
            self._kept.pop(next(iter(self._kept)))
        self._kept[name] = (now + _FRESH, found)
        return found


def read_origin(texts: Sequence[str], ip: Ip) -> AsOrigin | None:
    """Return the most specific announcement among records such as `64500 64501 | 3.120.0.0/14 | US | arin | 2018`.

    Of several origins the first is taken, as other readers of these records do. Records about other addresses, and
    what is no record at all, are left out.
    """
    found = []
    for text in texts:
        fields = [field.strip() for field in text.split("|")]
        number = _NUMBER.match(fields[0])
        try:
            network = ip_network(fields[1]) if number and len(fields) > 1 else None
        except ValueError:
            network = None
        if number and network is not None and network.version == ip.version and ip in network:
            found.append((network.prefixlen, AsOrigin(int(number[0]), str(network))))
    return max(found)[1] if found else None


def read_network(texts: Sequence[str]) -> tuple[str | None, str]:
    """Return country and name in a record such as `16509 | US | arin | 2000-05-04 | AMAZON-02 - Amazon.com, US`."""
    for text in texts:
        fields = [field.strip() for field in text.split("|")]
        if len(fields) >= 5 and _NUMBER.fullmatch(fields[0]):
            name = "".join(char for char in fields[4] if char.isprintable())[:80]
            return (fields[1] if fields[1] in ALPHA2 else None), name
    return None, ""


def _reversed(ip: Ip) -> str:
    if isinstance(ip, IPv4Address):
        return ".".join(reversed(str(ip).split("."))) + ".origin.asn.cymru.com"
    return ".".join(reversed(ip.exploded.replace(":", ""))) + ".origin6.asn.cymru.com"
