"""Read a magnet link: the content's hash names the case, whatever title and trackers travel with it."""

import re
from base64 import b16encode, b32decode
from typing import Final
from urllib.parse import parse_qsl, quote, unquote

from router.errors import BadInput
from router.hosting.location.pasted import several
from schemas.locator import LocationKind, Locator

_HEX: Final = re.compile(r"urn:bt[im]h:(?:1220)?[0-9a-f]{40,64}", re.IGNORECASE)
_BASE32: Final = re.compile(r"urn:btih:([a-z2-7]{32})", re.IGNORECASE)
#: Other networks' hashes: in hexadecimal or base32, so the case of their letters says nothing.
_HASHED: Final = re.compile(
    r"urn:(?:ed2k|ed2khash|sha1|bitprint|tree:tiger|aich|kzhash|md5|crc32|btpk):[0-9a-z.]+", re.IGNORECASE
)
#: The end of a sentence, of a clause or of a bracket after a link: no hash has one.
_AFTER: Final = ".,;:!?\N{HORIZONTAL ELLIPSIS}\N{IDEOGRAPHIC FULL STOP})]}>\"'*_"
#: Encoded once by each program on the way.
_MOST_ENCODED: Final = 3
_TOPIC: Final = re.compile(r"xt(?:\.\d+)?", re.IGNORECASE)


def read_magnet(text: str) -> Locator:
    """Return the locator of a magnet link (BEP 9, BEP 52).

    Title (`dn`) and trackers (`tr`) differ between links to the same content, so only the topics (`xt`) are kept, in
    one spelling and order. Raises `BadInput`: `unreadable` when the link names no topic, `several_locations` when words
    stand beside it; only a title has blanks.
    """
    pairs = _pairs(text)
    if any(value.split() != [value] for key, value in pairs if key.lower() != "dn" and value):
        raise several()
    topics = sorted({_topic(value) for key, value in pairs if _TOPIC.fullmatch(key) and value.rstrip(_AFTER)})
    if not topics:
        raise BadInput("This magnet link names no content (no xt=); copy the whole link.", reason="unreadable")
    canonical = "magnet:?" + "&".join("xt=" + quote(topic, safe=":/") for topic in topics)
    return Locator(kind=LocationKind.P2P, canonical=canonical, host=None, no_host="magnet")


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the fields of a link, also of one that lost its question mark or was encoded once more."""
    query = text.partition(":")[2].lstrip("/").removeprefix("?")
    pairs: list[tuple[str, str]] = []
    for _ in range(_MOST_ENCODED):
        pairs = parse_qsl(query.removeprefix("?").replace("&amp;", "&"))
        if any(_TOPIC.fullmatch(key) for key, _ in pairs):
            break
        query = unquote(query)
    return pairs


def _topic(value: str) -> str:
    for _ in range(_MOST_ENCODED):
        value = unquote(value)  # no name of content has a % in it
    value = value.rstrip(_AFTER)
    if _HEX.fullmatch(value) or _HASHED.fullmatch(value):
        return value.lower()
    base32 = _BASE32.fullmatch(value)
    if base32:
        return "urn:btih:" + b16encode(b32decode(base32[1].upper())).decode().lower()
    return value
