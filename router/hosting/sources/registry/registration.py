"""Read a registry's RDAP answer (RFC 9083): the network and its country, who takes abuse reports, where the geofeed is.

ipwhois reads the network. It drops every entity after one without a handle, never looks into nested entities (where
RIPE and ARIN put the abuse contact), and refuses a network without a handle: so contacts (`abuse_contact`) and geofeeds
are read by our own code, and the network too where ipwhois gives up. Nothing here does I/O. A member of any shape is a
member that says nothing: the only error is `NotRegistration`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, summarize_address_range
from typing import Any, Final

from ipwhois import exceptions
from ipwhois.net import Net
from ipwhois.rdap import RDAP

from router.hosting.sources.base import Ip
from router.hosting.sources.registry import abuse_contact
from router.hosting.sources.registry.loose_json import dicts, texts, words
from schemas.countries import ALPHA2

#: RFC 9877: link relation `geo`; before it, and in RPSL remarks (RFC 9632), "Geofeed <url>".
_GEOFEED_RELS: Final = frozenset({"geo", "geofeed"})
_LONGEST_URL: Final = 500
_GEOFEED_REMARK: Final = re.compile(r"\bgeofeed:?\s+(https://\S{1,490})(?!\S)", re.IGNORECASE)
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
        abuse=abuse_contact.in_rdap(answer),
        geofeed=_geofeed(answer),
    )
    if ip not in network:
        raise NotRegistration
    return network


def _by_ipwhois(answer: dict[str, Any], ip: Ip) -> Mapping[str, Any] | None:
    try:
        found = RDAP(offline_net(ip)).lookup(response=answer, bootstrap=True, root_ent_check=False)
    except Exception:  # noqa: BLE001 - ipwhois raises what it stumbles over, and what it cannot read is read by hand
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
    """Return a country as a registry writes it, in any case, and with RPSL's comment; None for what is none: `EU`."""
    code = said.partition("#")[0].strip().upper() if isinstance(said, str) else ""
    code = _ALIASES.get(code, code)
    return code if code in ALPHA2 else None


def short_name(said: object) -> str:
    """Return a network's name as something that may be shown: one short printable word."""
    return re.sub(r"[^A-Za-z0-9._ -]", "", said)[:60] if isinstance(said, str) else ""


def _geofeed(answer: Mapping[str, Any]) -> str | None:
    for link in dicts(answer.get("links")):
        href = link.get("href")
        if _GEOFEED_RELS & words(link.get("rel")) and isinstance(href, str) and _is_feed(href):
            return href
    for remark in dicts(answer.get("remarks")):
        for line in texts(remark.get("description")):
            if found := _GEOFEED_REMARK.search(line):
                return found[1]
    return None


def _is_feed(href: str) -> bool:
    return href.startswith("https://") and len(href) <= _LONGEST_URL
