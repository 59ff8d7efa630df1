"""Read a registry's RDAP answer (RFC 9083): the network and its country, who takes abuse reports, where the geofeed is.

ipwhois reads the network. It drops every entity after one without a handle, never looks into nested entities (where
RIPE and ARIN put the abuse contact), and refuses a network without a handle: so contacts and geofeeds are read here,
and the network too where ipwhois gives up. Nothing here does I/O.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, summarize_address_range
from typing import Any, Final

from ipwhois import exceptions
from ipwhois.net import Net
from ipwhois.rdap import RDAP

from router.hosting.sources.base import Ip
from schemas.countries import ALPHA2

#: As deep as real answers nest; a bound for made-up ones.
_DEEPEST: Final = 4
_MOST_ENTITIES: Final = 200
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,253}\.[A-Za-z]{2,63}")
#: RFC 9877: link relation `geo`; before it, and in RPSL remarks (RFC 9632), "Geofeed <url>".
_GEOFEED_RELS: Final = frozenset({"geo", "geofeed"})
_GEOFEED_REMARK: Final = re.compile(r"\bgeofeed:?\s+(https://\S{1,500})", re.IGNORECASE)
#: Registries write the United Kingdom so now and then; ISO 3166-1 reserves it for that.
_ALIASES: Final = {"UK": "GB"}


@dataclass(frozen=True, slots=True)
class Network:
    """What a registry says of a network."""

    first: int  #: the first address as a number
    last: int
    version: int
    prefix: str  #: the first CIDR block of the range
    country: str | None  #: where it is registered, ISO 3166-1 alpha-2
    name: str
    abuse: str | None
    geofeed: str | None
    by: str = "rdap"  #: who names the country: the registry's RDAP, or its WHOIS

    def __contains__(self, ip: Ip) -> bool:
        """Say whether the network has this address."""
        return ip.version == self.version and self.first <= int(ip) <= self.last


class NotRegistration(ValueError):
    """The answer is not that of a network around the address asked for."""


def read_network(answer: object, ip: Ip) -> Network:
    """Return the network in an RDAP answer about `ip`. Raises `NotRegistration`."""
    if not isinstance(answer, dict):
        raise NotRegistration
    said = _by_ipwhois(answer, ip) or _by_hand(answer)
    try:
        first, last = ip_address(str(said["start_address"])), ip_address(str(said["end_address"]))
        blocks = summarize_address_range(first, last)
        prefix = str(next(iter(blocks)))
    except (KeyError, ValueError, TypeError):
        raise NotRegistration from None
    network = Network(
        first=int(first),
        last=int(last),
        version=first.version,
        prefix=prefix,
        country=read_country(said.get("country")),
        name=short_name(said.get("name")),
        abuse=_abuse(answer),
        geofeed=_geofeed(answer),
    )
    if ip not in network:
        raise NotRegistration
    return network


def _by_ipwhois(answer: dict[str, Any], ip: Ip) -> Mapping[str, Any] | None:
    try:
        found = RDAP(offline_net(ip)).lookup(response=answer, bootstrap=True, root_ent_check=False)
    except (exceptions.BaseIpwhoisException, KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None
    network = found.get("network")
    return network if isinstance(network, dict) and network.get("start_address") else None


class _Offline(Net):  # type: ignore[misc]  # ipwhois has no types
    """ipwhois's idea of an address, without the resolver it makes of the system's settings, and without any way out."""

    def __init__(self, ip: Ip) -> None:
        self.address, self.address_str, self.version = ip, str(ip), ip.version

    def get_http_json(self, *_: object, **__: object) -> Any:
        """Refuse: whatever ipwhois wants to fetch beside the answer, we have no use for."""
        raise exceptions.HTTPLookupError


def _by_hand(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "start_address": answer.get("startAddress"),
        "end_address": answer.get("endAddress"),
        "country": answer.get("country"),
        "name": answer.get("name"),
    }


def offline_net(ip: Ip) -> Net:
    """Return ipwhois's idea of an address; it has no way out."""
    return _Offline(ip)


def read_country(said: object) -> str | None:
    """Return a country as a registry writes it, in any case; None for what is none, such as `EU`."""
    code = said.strip().upper() if isinstance(said, str) else ""
    code = _ALIASES.get(code, code)
    return code if code in ALPHA2 else None


def short_name(said: object) -> str:
    """Return a network's name as something that may be shown: one short printable word."""
    return re.sub(r"[^A-Za-z0-9._ -]", "", said)[:60] if isinstance(said, str) else ""


def _entities(holder: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    inner = holder.get("entities")
    if depth >= _DEEPEST or not isinstance(inner, list):
        return
    for entity in inner[:_MOST_ENTITIES]:
        if isinstance(entity, dict):
            yield entity
            yield from _entities(entity, depth + 1)


def _abuse(answer: Mapping[str, Any]) -> str | None:
    """Return the first e-mail address of an entity with the role `abuse`, at whatever depth."""
    for entity in _entities(answer):
        roles = entity.get("roles")
        if isinstance(roles, list) and "abuse" in roles and (email := _email(entity.get("vcardArray"))):
            return email
    return None


def _email(card: object) -> str | None:
    """Return the e-mail address of a jCard (RFC 7095)."""
    properties = card[1] if isinstance(card, list) and len(card) == 2 and isinstance(card[1], list) else []
    for entry in properties:
        named = isinstance(entry, list) and len(entry) >= 4 and entry[0] == "email"
        if named and isinstance(entry[3], str) and _EMAIL.fullmatch(entry[3].strip()):
            return entry[3].strip()
    return None


def _geofeed(answer: Mapping[str, Any]) -> str | None:
    for link in _dicts(answer.get("links")):
        href = link.get("href")
        if link.get("rel") in _GEOFEED_RELS and isinstance(href, str) and href.startswith("https://"):
            return href[:500]
    for remark in _dicts(answer.get("remarks")):
        lines = remark.get("description")
        for line in lines if isinstance(lines, list) else ():
            if isinstance(line, str) and (found := _GEOFEED_REMARK.search(line)):
                return found[1]
    return None


def _dicts(value: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())
