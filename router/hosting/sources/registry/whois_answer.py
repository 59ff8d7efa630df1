"""Read a registry's WHOIS answer (RFC 3912): free text, in which ipwhois knows each registry's words.

Only the parser of ipwhois is used, and only on the lines that name networks and countries: its patterns for contacts
run over the whole text again for each line (ours are in `abuse_contact`), and its look-up would ask again by itself
unless it is told to be offline.
A referral in the text is not followed: its server could be anybody's. Nothing here does I/O.
"""

import re
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any, Final

from ipwhois.whois import Whois

from router.hosting.sources.base import Ip
from router.hosting.sources.registry import abuse_contact
from router.hosting.sources.registry.registration import Network, offline_net, read_country, short_name

#: The lines that are read, as the five registries write them; no more of them, and no longer, than real answers have.
#: A range of IPv6 addresses, which no registry writes, would take ipwhois 20 ms a line. No two parts that may be long
#: match the same character: port 43 is plain text, and anybody on the way may write what makes a pattern try for ever.
_KEPT: Final = re.compile(
    r"^((NetRange|CIDR|NetName|Country|netname|country):\s+\S|inetnum:\s+[0-9][0-9./, -]*$"
    r"|inet6num:\s+[0-9A-Fa-f:]+/\d+\s*$)",
    re.ASCII,
)
_MOST_LINES: Final = 100
_LONGEST_LINE: Final = 200
_FIELDS: Final = ("name", "country")


def read_whois(text: str, registry: str, ip: Ip) -> Network | None:
    """Return the smallest network around `ip` that an answer of a registry names; None when it names none."""
    # What follows a `#` is a comment in RPSL (RFC 2622 section 2), and in no value that is read here.
    cut = (line[:_LONGEST_LINE].partition("#")[0].rstrip() for line in text.splitlines())
    lines = [line for line in cut if _KEPT.match(line)]
    found = _by_ipwhois("\n".join(lines[:_MOST_LINES]) + "\n", registry, ip)
    around = [network for one in found if (network := _network(one, ip)) is not None]
    smallest = min(around, key=lambda network: network.last - network.first, default=None)
    return None if smallest is None else replace(smallest, abuse=abuse_contact.in_whois(text))


def _by_ipwhois(text: str, registry: str, ip: Ip) -> list[dict[str, Any]]:
    try:
        said = Whois(offline_net(ip)).lookup(
            response=text, is_offline=True, asn_data={"asn_registry": registry}, field_list=list(_FIELDS)
        )
    except Exception:  # noqa: BLE001 - ipwhois raises what it stumbles over in a text that anybody may have written
        return []
    return [one for one in said["nets"] if isinstance(one, dict)]


def _network(said: dict[str, Any], ip: Ip) -> Network | None:
    """Return one of the networks that ipwhois found, if it is around `ip`. `cidr` has one prefix or several."""
    for prefix in str(said.get("cidr") or "").split(", "):
        try:
            block = ip_network(prefix)
        except ValueError:
            continue
        if ip in block:
            first, last = _range(said.get("range"), int(block[0]), int(block[-1]))
            name, country = short_name(said.get("name")), read_country(said.get("country"))
            return Network(first, last, ip.version, prefix, country, name, abuse=None, geofeed=None, by="whois")
    return None


def _range(said: object, first: int, last: int) -> tuple[int, int]:
    """Return the whole range of a network that is more than one prefix."""
    try:
        low, high = (int(ip_address(one.strip())) for one in str(said).split(" - "))
    except ValueError:
        return first, last
    return min(low, first), max(high, last)
