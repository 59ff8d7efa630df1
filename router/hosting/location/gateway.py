"""Know a gateway by its structure: the address of an onion service, or a content id, in a host name or path.

Its server only fetches from a network that has no servers, so its country says nothing. What stands behind it names the
case, whichever gateway was used; an onion service's own address stands as the location.
"""

import re
from dataclasses import dataclass
from typing import Final

from router.data.tables import load_gateways
from router.hosting.location import content_id
from router.hosting.location.content_id import FORM
from router.hosting.location.registrable import registrable_domain
from schemas.locator import Locator

#: An onion address: 16 signs of base 32 in version 2, 56 in version 3, of which the last is always a d
#: (https://spec.torproject.org/rend-spec).
_ONION: Final = re.compile(r"(?:[a-z2-7]{16}|[a-z2-7]{55}d)")
_LONG_ONION: Final = re.compile(r"(?:^|\.)[a-z2-7]{55}d\.")
#: A hidden service's whole name as the first part of a path, perhaps after a word that says so.
_HIDDEN_PATH: Final = re.compile(
    r"/(?:(?:https?:/{1,2}|https?|onion|tor|i2p|web|proxy|go|url|site|view|browse)/)?"
    r"(?P<name>(?:[a-z0-9-]{1,63}\.){0,4}(?:(?:[a-z2-7]{16}|[a-z2-7]{55}d)\.onion|[a-z2-7]{52,60}\.b32\.i2p))"
    r"(?::\d{1,5})?(?P<rest>(?:[/?#].*)?)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_LABEL: Final = 56
_CONTENT_HOST: Final = re.compile(rf"(?P<id>{FORM}|[a-z0-9-]+)\.(?P<network>ip[fn]s)\.(?P<above>.+)")
_CONTENT_LABEL: Final = re.compile(rf"(?P<id>{FORM})\.")
_CONTENT_PATH: Final = re.compile(rf"/(?P<network>ip[fn]s)/(?P<id>{FORM})(?P<path>/[^?#]*)?(?=[/?#&]|$)")
_NAMED_PATH: Final = re.compile(
    r"/ipns/(?P<id>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?P<path>/[^?#]*)?(?=[/?#]|$)", re.IGNORECASE
)
#: The interface of a node: what its callers want it to fetch.
_CALL: Final = re.compile(
    rf"/api/v0/[a-z/]+\?(?:[^#]*&)?arg=(?:/ipfs/|%2[Ff]ipfs%2[Ff])?(?P<id>{FORM})(?P<path>/[^&#]*)?(?:[&#]|$)"
)
#: A content's own address: as URL, as path, or the id alone.
_NATIVE: Final = re.compile(
    rf"(?:(?:web\+)?(?P<scheme>ip[fn]s|dweb):)?/{{0,2}}(?:(?P<inner>(?i:ip[fn]s))/)?(?P<id>{FORM})(?P<path>(?:[/?#].*)?)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Behind:
    """What a gateway leads to."""

    reason: str  #: onion_gateway or ipfs_gateway
    location: str | None  #: as its own network writes it; None when the gateway's name is all that is known


def behind(name: str, canonical: str, domain: str | None) -> Behind | None:
    """Return what a host is a gateway to, or None for an ordinary one; `domain` is the name somebody registered."""
    listed = load_gateways().get(domain or "")
    if listed is None and not (
        ".onion" in canonical
        or ".b32.i2p" in canonical
        or "tor2web" in name
        or "ipfs" in canonical
        or "ipns" in canonical
        or "/api/v0/" in canonical
        or len(name) > _LONGEST_LABEL
    ):
        return None  # most end here
    tail = canonical[canonical.find("/", canonical.find("://") + 3) :]
    return _of_content(name, tail) or _of_onion(name, tail) or (_of_list(name, tail, listed) if listed else None)


def on_ipfs(locator: Locator) -> str | None:
    """Return the address in its own network of what is on IPFS, behind a gateway or not; None when none is known."""
    if locator.no_host == "ipfs":
        return native(locator.canonical)
    host = locator.host or ""
    found = behind(host, locator.canonical, registrable_domain(host))
    return None if found is None else found.location


def native(text: str) -> str | None:
    """Return the normal form of a content's own address, as `ipfs:` URL, as path or as the id alone; else None."""
    found = _NATIVE.fullmatch(text)
    if found is None:
        return None
    network = (found["inner"] or found["scheme"] or "").lower().replace("dweb", "ipfs")
    if not network and content_id.normal(found["id"]) is None:
        return None
    return _content(network or "ipfs", found["id"], _path(found["path"]))


def _of_onion(name: str, tail: str) -> Behind | None:
    labels = name.split(".")
    for at, label in enumerate(labels[:-1]):
        if label in {"onion", "tor2web"} and at > 0 and _ONION.fullmatch(labels[at - 1]):
            return Behind("onion_gateway", f"http://{'.'.join(labels[:at])}.onion{tail}")
    if found := _LONG_ONION.search(name):
        return Behind("onion_gateway", f"http://{name[: found.end() - 1]}.onion{tail}")
    if found := _HIDDEN_PATH.fullmatch(tail):
        return Behind("onion_gateway", f"http://{found['name'].lower()}{found['rest'] or '/'}")
    return None


def _of_content(name: str, tail: str) -> Behind | None:
    if found := _CONTENT_PATH.search(tail.partition("?")[0]) or _CALL.match(tail):
        network = found.groupdict().get("network", "ipfs")
        return Behind("ipfs_gateway", _content(network, found["id"], found["path"] or ""))
    if found := _NAMED_PATH.match(tail):
        return Behind("ipfs_gateway", f"ipns://{found['id'].lower()}{found['path'] or ''}")
    if found := _CONTENT_HOST.match(name):
        if content_id.looks_like_one(found["id"]):
            return Behind("ipfs_gateway", _content(found["network"], found["id"], _path(tail)))
        if found["network"] == "ipns" and "-" in found["id"] and "." in found["above"]:
            dotted = found["id"].replace("--", "\0").replace("-", ".").replace("\0", "-")
            return Behind("ipfs_gateway", f"ipns://{dotted}{_path(tail)}")
    if (found := _CONTENT_LABEL.match(name)) and content_id.normal(found["id"]):
        return Behind("ipfs_gateway", _content("ipfs", found["id"], _path(tail)))
    return None


def _of_list(name: str, tail: str, listed: tuple[tuple[str, str], ...]) -> Behind | None:
    for above, network in listed:
        if name == above or name.endswith(f".{above}"):
            labels = name[: -len(above) - 1].removeprefix("www.")
            if network == "ipfs":
                return Behind("ipfs_gateway", None)
            if network == "ens":
                return Behind("ipfs_gateway", f"ipns://{labels}.eth{_path(tail)}" if labels else None)
            return Behind("onion_gateway", f"http://{labels}.{network}{tail}" if labels else None)
    return None


def _path(tail: str) -> str:
    return re.split(r"[?#]", tail, maxsplit=1)[0]


def _content(network: str, given: str, path: str) -> str:
    known = content_id.normal(given, peer=network == "ipns") or given
    return f"{network}://{known}{path.rstrip('/')}"
