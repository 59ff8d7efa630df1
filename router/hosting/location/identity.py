"""What the spellings of one location have in common: the text that the index of cases is made of.

What is sent stays as it was written; here percent-encoding is brought to its normal form (RFC 3986, 6.2.2.1 and
6.2.2.2; the rest of that section is what a browser does already), an empty fragment falls away, and content that is
known by its hash is known by that alone, whatever link or gateway leads to it.
"""

import re
from typing import Final

from router.hosting.location.gateway import on_ipfs
from schemas.locator import LocationKind, Locator

_ENCODED: Final = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)
#: RFC 3986, 2.3.
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: Of the names that a magnet link has for one content, the first of these says which it is.
_TELLING: Final = ("xt=urn:btih:", "xt=urn:btmh:", "xt=urn:ed2k", "xt=urn:sha1:")
#: A hash without a link around it: of a torrent, in hexadecimal.
_BARE_HASH: Final = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_FILE: Final = re.compile(r"ed2k://\|file\|[^|]*(\|\d+\|[0-9a-f]{32})\|/")


def identity(locator: Locator) -> str:
    """Return what is equal for all spellings of one location and differs between two locations."""
    canonical = locator.canonical
    if locator.no_host in {"ipfs", "ipfs_gateway"}:
        return f"{LocationKind.P2P}\n{_normal_form(on_ipfs(locator) or canonical)}"
    if locator.kind is LocationKind.P2P:
        return f"{locator.kind}\n{_normal_form(_of_content(canonical))}"
    if locator.kind is LocationKind.ONION and canonical.startswith("https://"):
        canonical = f"http://{canonical[8:]}"  # a hidden service is known by its key; TLS makes no other of it
    return f"{locator.kind}\n{_normal_form(canonical)}"


def _normal_form(canonical: str) -> str:
    if "://" not in canonical:
        return canonical  # a name, in which these signs mean themselves
    if "%" in canonical:
        canonical = _ENCODED.sub(_normal, canonical)
    return canonical[:-1] if canonical.find("#") == len(canonical) - 1 else canonical


def _normal(found: re.Match[str]) -> str:
    sign = chr(int(found[1], 16))
    return sign if sign in _UNRESERVED else found[0].upper()


def _of_content(canonical: str) -> str:
    """Return what a peer-to-peer network knows a content by."""
    if canonical.startswith("magnet:?"):
        topics = canonical[8:].split("&")
        telling = next((kind for kind in _TELLING if any(topic.startswith(kind) for topic in topics)), "")
        return "magnet:?" + "&".join(topic for topic in topics if topic.startswith(telling))
    if found := _FILE.fullmatch(canonical):
        return f"ed2k:{found[1]}"
    if _BARE_HASH.fullmatch(canonical):
        return f"magnet:?xt=urn:btih:{canonical.lower()}"
    return canonical
