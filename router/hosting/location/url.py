"""Read one reported location: what names the case, and which host is to be traced, if any.

The host is read as a browser reads it (WHATWG, through can_ada): the standard library gives another host for one URL in
eight of the web-platform tests, and a wrong host is a referral to the wrong country. What a browser would take and no
name server can hold is refused after that. Nothing here does I/O.

An onion address, a magnet link or a private address is not an error: it is a `Locator` without a host, with its reason.
Embedded content (`data:`, base64) is an error: the router handles metadata only, so no message repeats the input.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

import can_ada
from publicsuffixlist import PublicSuffixList

from router.errors import BadInput
from router.guard.addresses import is_public, spoken_to
from router.hosting.location import special_names, url_flags
from router.hosting.location.magnet import read_magnet
from router.hosting.location.refang import refang
from schemas.locator import LocationKind, Locator
from schemas.trace import Ip

#: Characters; what common servers and browsers take at most, and far more than a real report needs.
LONGEST: Final = 8192
#: RFC 1035 section 2.3.4, in octets without the root's dot.
_LONGEST_NAME: Final = 253

_NAME: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
#: C0, DEL, C1, and lone surrogates, which no encoding can carry.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: Schemes that wrap another URL, however often.
_WRAPPERS: Final = re.compile(r"(?:(?:blob|view-source|filesystem):[\s<>\"']*)+", re.IGNORECASE)
_EMBEDDED_START: Final = re.compile(r"(?:data|javascript|vbscript):", re.IGNORECASE)
_EMBEDDED_PART: Final = re.compile(r"(?:;|%3b)base64(?:,|%2c)", re.IGNORECASE)
# No pattern here lets two of its parts share a character where both may be long: a reporter's text would make it try
# for seconds, and nothing else runs meanwhile.
#: A bare run of base64 this long is content, not a location; the longest real host label has 63 characters.
_LONGEST_RUN: Final = 200
_EMBEDDED_BLOB: Final = re.compile(r"[A-Za-z0-9+/\s]+(?:={1,2}\s*)?")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+-]*):(?!\d+(?:[/?#]|$))", re.IGNORECASE)
_BARE_V6: Final = re.compile(r"[0-9a-f.]*:[0-9a-f:.]*", re.IGNORECASE)
_EMAIL_ALONE: Final = re.compile(r"[^@\s/?#:\\]+@[^@\s/?#:\\][^@\s/?#:\\.]*\.[^@\s/?#:\\]+")

#: Unicode's letters, numbers and symbols (emoji): a name has one of them, and a form's "-" or "?" has none.
_NAMING: Final = frozenset("LNS")

_WEB: Final = frozenset({"http", "https", "ftp", "ws", "wss"})
#: Other schemes whose authority is a host in the DNS.
_HOSTED: Final = frozenset(
    {"ftps", "gemini", "git", "gopher", "irc", "ircs", "mms", "nntp", "rtmp", "rtmps", "rtsp", "sftp", "smb", "ssh"}
)
_EMBEDDED: Final = frozenset({"data", "javascript", "vbscript"})
_ON_DEVICE: Final = frozenset({"about", "chrome", "content", "file", "res"})
#: Schemes without a host, and why there is none.
_HOSTLESS: Final = {
    "ipfs": "ipfs",
    "ipns": "ipfs",
    "ed2k": "p2p",
    "freenet": "p2p",
    "bitcoin": "payment_address",
    "ethereum": "payment_address",
    "monero": "payment_address",
    "mailto": "email",
    "tel": "phone",
    "sms": "phone",
    "tg": "platform",
    "whatsapp": "platform",
    "discord": "platform",
    "skype": "platform",
    "viber": "platform",
    "snapchat": "platform",
    "kik": "platform",
    "line": "platform",
    "sgnl": "platform",
    "session": "platform",
    "simplex": "platform",
    "matrix": "platform",
    "threema": "platform",
    "wire": "platform",
    "xmpp": "platform",
}


def read(text: str, kind: LocationKind = LocationKind.URL) -> Locator:
    """Return the canonical form of `text` and the host to trace.

    Raises `BadInput` with `reason` one of `empty`, `too_long`, `control_characters`, `embedded_content`, `bad_host`,
    `unknown_scheme`, `not_a_location`, `unreadable`.
    """
    text = _unwrap(text)
    _refuse(text)
    if kind in (LocationKind.URL, LocationKind.ONION) or (kind is LocationKind.P2P and _is_web(text)):
        return _read_url(refang(text), kind)
    return _read_handle(text, kind)


def _unwrap(text: str) -> str:
    text = text.strip(" \t\r\n<>\"'")
    wrapped = _WRAPPERS.match(text)
    return text if wrapped is None else text[wrapped.end() :]


def _embedded() -> BadInput:
    return BadInput(
        "This is embedded content, not a location, and is not taken; report the address of the page that shows it.",
        reason="embedded_content",
    )


def _refuse(text: str) -> None:
    if not text:
        raise BadInput("The location is empty; give a URL, a host name or an IP address.", reason="empty")
    if _EMBEDDED_START.match(text) or ("64" in text and _EMBEDDED_PART.search(text)):
        raise _embedded()
    if len(text) >= _LONGEST_RUN and _EMBEDDED_BLOB.fullmatch(text):
        raise _embedded()
    if len(text) > LONGEST:
        raise BadInput(f"The location has more than {LONGEST} characters; report the page it is on.", reason="too_long")
    if _CONTROL.search(text):
        raise BadInput(
            "The location has control characters in it; copy it again, as one line of plain text.",
            reason="control_characters",
        )


def _is_web(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _read_url(text: str, kind: LocationKind) -> Locator:
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    if scheme in _WEB:
        return _read_hosted(text, kind)
    if _BARE_V6.fullmatch(text) and (address := _literal(text)) is not None:
        return _locate_address(f"http://[{address}]/", address, kind)
    if not scheme:
        return _read_schemeless(text, kind)
    return _read_other(text, scheme, kind)


def _read_schemeless(text: str, kind: LocationKind) -> Locator:
    if _EMAIL_ALONE.fullmatch(text):
        return _hostless(f"mailto:{text}", kind, "email")
    return _read_hosted("http://" + text.lstrip("/\\"), kind)


def _read_other(text: str, scheme: str, kind: LocationKind) -> Locator:
    if scheme == "magnet":
        return read_magnet(text)
    if scheme in _EMBEDDED:
        raise _embedded()
    if scheme in _HOSTLESS:
        return _hostless(_parse(text).href, kind, _HOSTLESS[scheme])
    if scheme in _HOSTED:
        return _read_hosted(text, kind)
    if scheme in _ON_DEVICE:
        raise BadInput(
            "This address is only valid on the reporter's own device; report the page's address on the internet.",
            reason="not_a_location",
        )
    raise BadInput(
        "The start of this location is not a scheme we know; write it with http:// or https://, or choose its kind.",
        reason="unknown_scheme",
    )


def _parse(text: str) -> can_ada.URL:
    try:
        return can_ada.parse(text)
    except ValueError:
        raise BadInput(
            "This cannot be read as a URL; check the host name and the port, and copy it again.", reason="unreadable"
        ) from None


def _read_hosted(text: str, kind: LocationKind) -> Locator:
    url = _parse(text)
    name = url.hostname
    if url.protocol[:-1] not in _WEB:
        # Other schemes keep their host as written; a browser's reading of it is had from an http URL.
        name = _parse(f"http://{name}/").hostname
        url.hostname = name
    if name.endswith("."):
        name = name[:-1]
        url.hostname = name
    if name.startswith("["):
        return _locate_address(url.href, IPv6Address(name[1:-1]), kind, _userinfo(url))
    if name[-1:].isdigit() and (address := _literal(name)) is not None:
        return _locate_address(url.href, address, kind, _userinfo(url))
    return _locate_name(url.href, name, kind, _userinfo(url))


def _userinfo(url: can_ada.URL) -> str:
    name, password = url.username, url.password
    return f"{name}:{password}" if password else name


def _literal(text: str) -> Ip | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _hostless(canonical: str, kind: LocationKind, reason: str, userinfo: str = "") -> Locator:
    flags = url_flags.flags(canonical, userinfo)
    return Locator(kind=kind, canonical=canonical, host=None, no_host=reason, flags=flags)


def _locate_address(canonical: str, address: Ip, kind: LocationKind, userinfo: str = "") -> Locator:
    if not is_public(address):
        return _hostless(canonical, kind, "private_address", userinfo)
    host = str(spoken_to(address))
    return Locator(kind=_on_the_web(kind), canonical=canonical, host=host, flags=url_flags.flags(canonical, userinfo))


def _locate_name(canonical: str, name: str, kind: LocationKind, userinfo: str) -> Locator:
    if len(name) > _LONGEST_NAME or _NAME.fullmatch(name) is None:
        raise BadInput(
            "The host name is not one that can exist on the internet; check the part between // and the next /.",
            reason="bad_host",
        )
    reason = special_names.no_host_reason(name)
    if reason is not None:
        return _hostless(canonical, LocationKind.ONION if reason == "onion" else kind, reason, userinfo)
    return Locator(
        kind=_on_the_web(kind),
        canonical=canonical,
        host=name,
        registrable_domain=_registrable_domain()(name),
        flags=url_flags.flags(canonical, userinfo),
    )


def _on_the_web(kind: LocationKind) -> LocationKind:
    """Return the kind of a location that has a host: what was filed as an onion is none then."""
    return LocationKind.URL if kind is LocationKind.ONION else kind


@cache
def _registrable_domain() -> Callable[[str], str | None]:
    """Load the public suffix list that came with its package, on first use (40 ms); it is never fetched."""
    suffixes = PublicSuffixList(only_icann=True)

    @lru_cache(maxsize=65_536)
    def registrable(name: str) -> str | None:
        found = suffixes.privatesuffix(name)
        return found if isinstance(found, str) else None

    return registrable


def literal_of(locator: Locator) -> Ip | None:
    """Return the address that a location without a host names: a private one still is evidence."""
    try:
        return ip_address(can_ada.parse(locator.canonical).hostname.strip("[]"))
    except ValueError:
        return None


def _read_handle(text: str, kind: LocationKind) -> Locator:
    """Read an account, an invitation, a room or a peer-to-peer name: a platform's word, with no host to ask."""
    if text[:7].lower() == "magnet:":
        return read_magnet(text)
    text = unicodedata.normalize("NFC", refang(text))
    if not any(unicodedata.category(one)[0] in _NAMING for one in text):
        raise BadInput(
            "This names nothing; give the name, link or hash by which the place is known there, or leave the item out.",
            reason="not_a_location",
        )
    if _is_web(text):
        url = _parse(text)
        return _hostless(url.href, kind, "platform", _userinfo(url))
    return _hostless(text, kind, "p2p" if kind is LocationKind.P2P else "platform")
