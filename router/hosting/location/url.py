"""Read one reported location: what names the case, and which host is to be traced, if any.

The host is read as a browser reads it (WHATWG, through can_ada): the standard library gives another host for one URL in
eight of the web-platform tests, and a wrong host is a referral to the wrong country. What a browser would take and no
name server can hold is refused after that. Nothing here does I/O.

An onion address, a magnet link or a private address is not an error: it is a `Locator` with the reason why there is
nothing to trace. Embedded content (`data:`, base64) is an error: the router handles metadata only, so no message
repeats the input.
"""

import re
import unicodedata
from ipaddress import IPv6Address, ip_address
from typing import Final

import can_ada

from router.errors import BadInput
from router.guard.addresses import is_public, read_ip, spoken_to
from router.hosting.location import pasted, special_names, url_flags
from router.hosting.location.ed2k import read_ed2k
from router.hosting.location.gateway import Behind, behind, native
from router.hosting.location.magnet import read_magnet
from router.hosting.location.refang import refang
from router.hosting.location.registrable import registrable_domain
from router.hosting.location.scheme import EMBEDDED, HOSTED, HOSTLESS, ON_DEVICE, WEB, is_a_scheme
from router.hosting.trusted import trusted
from schemas.locator import LocationKind, Locator
from schemas.trace import Ip

#: Characters; what common servers and browsers take at most, and far more than a real report needs.
LONGEST: Final = 8192
_TOO_LONG: Final = "The location has more than {most} characters; report the page it is on."
#: RFC 1035 section 2.3.4, in octets without the root's dot.
_LONGEST_NAME: Final = 253

_NAME: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
#: C0, DEL, C1, and lone surrogates, which no encoding can carry. Tabs and line ends are blanks; see `pasted`.
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_LINE_END: Final = re.compile("[\t-\r\x1c-\x1f\x85]")
#: A location that needs no mending: most are, and every line of a bulk file passes here.
_PLAIN: Final = re.compile(
    r"https?://[a-z0-9_-]+(?:\.[a-z0-9_-]+)+(?::\d{1,5})?(?:[/?#](?:[\w/.?=&%+~:@!$*#,;()-]*[\w/=&%+~@$*#-])?)?",
    re.IGNORECASE | re.ASCII,
)
#: The same as it is most often defanged, by its scheme, its dots or both: what is left of it has no marks to mend.
_DEFANGED: Final = re.compile(
    r"h(?:tt|xx)p(s?)://([a-z0-9_-]+(?:(?:\.|\[\.\])[a-z0-9_-]+)+)([/?#](?:[\w/.?=&%+~:@!$*#,;-]*[\w/])?)?",
    re.IGNORECASE | re.ASCII,
)
#: Where a second location may begin in it.
_SECOND: Final = re.compile(r"://|ps?//|magnet:|ed2k:|[,;]www", re.IGNORECASE)
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
_DEFANGED_AT: Final = re.compile(r"\s?(?:\[@\]|\(@\)|[\[({]\s?at\s?[\])}])\s?", re.IGNORECASE)
#: `/pictures/a.html` and `@somebody`: a browser would go to no host for either.
_ON_DEVICE_OR_NAME: Final = re.compile(r"/[^/.\\]+(?:/|$)|@[^@./\s]+$")
#: What stands where a scheme would, before two slashes, and is none.
_NO_SCHEME: Final = re.compile(r"[^./?#\\]*[/\\]{2}")

_MAY_BE_GATEWAY: Final = re.compile(r"/ip[fn]s/|/api/v0/|\.onion|\.b32\.i2p")
_MAY_RUN_A_GATEWAY: Final = frozenset({None, "private_address", "private_name", "not_a_name"})
#: Unicode's letters, numbers and symbols (emoji): a name has one of them, and a form's "-" or "?" has none.
_NAMING: Final = frozenset("LNS")


def read(text: str, kind: LocationKind = LocationKind.URL) -> Locator:
    """Return the canonical form of `text` and the host to trace.

    Raises `BadInput` with `reason` one of `empty`, `too_long`, `control_characters`, `embedded_content`, `bad_host`,
    `unknown_scheme`, `not_a_location`, `several_locations`, `unreadable`.
    """
    if kind is LocationKind.URL and (plain := _plain(text)) is not None:
        text = plain
        if "64" in text and _EMBEDDED_PART.search(text):
            raise _embedded()
        return _read_plain(text)
    _refuse(pasted.name(text))
    if kind in (LocationKind.URL, LocationKind.ONION) or pasted.is_location(text):
        return _read_location(pasted.location(text), kind)
    return _read_handle(pasted.name(text), kind)


def _plain(text: str) -> str | None:
    """Return a location that needs no mending, or none but that its dots and its scheme be undone; else None."""
    if len(text) > LONGEST or _SECOND.search(text, 8) is not None:
        return None
    if _PLAIN.fullmatch(text):
        return text
    found = _DEFANGED.fullmatch(text)
    return None if found is None else f"http{found[1]}://{found[2].replace('[.]', '.')}{found[3] or ''}"


def _read_location(text: str, kind: LocationKind) -> Locator:
    """Read a URL, a magnet or an ed2k link, whatever kind of place it was filed as."""
    _refuse(text)
    start = text[:7].lower()
    if start == "magnet:":
        return read_magnet(text)
    if start.startswith("ed2k:"):
        return read_ed2k(text)
    text = refang(text)
    pasted.check_no_blank(text)
    if kind in (LocationKind.URL, LocationKind.ONION, LocationKind.P2P):
        return _read_url(text, kind)
    return _read_handle(text, kind)


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
        raise BadInput(_TOO_LONG.format(most=LONGEST), reason="too_long")
    if _CONTROL.search(text):
        raise _control()


def _control() -> BadInput:
    return BadInput(
        "The location has control characters in it; copy it again, as one line of plain text.",
        reason="control_characters",
    )


def _is_web(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def _read_url(text: str, kind: LocationKind) -> Locator:
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    if scheme in WEB:
        return _read_hosted(text, kind)
    if _BARE_V6.fullmatch(text) and (address := _literal(text)) is not None:
        return _locate_address(f"http://[{address}]/", address, kind)
    if not scheme:
        return _read_schemeless(text, kind)
    return _read_other(text, scheme, kind)


def _read_schemeless(text: str, kind: LocationKind) -> Locator:
    text = _DEFANGED_AT.sub("@", text)
    if _EMAIL_ALONE.fullmatch(text):
        return _hostless(f"mailto:{text}", kind, "email")
    if native(text):
        return _hostless(f"ipfs://{text.removeprefix('/').removeprefix('ipfs/')}", kind, "ipfs")
    if _ON_DEVICE_OR_NAME.match(text):
        raise BadInput(
            "This is a path on somebody's device, or a name on a platform, not an address on the internet; give the "
            "whole address, or choose the kind of place.",
            reason="not_a_location",
        )
    text = text.removeprefix(":").lstrip("/\\")
    if _NO_SCHEME.match(text):
        raise _unknown_scheme()
    return _read_hosted(f"http://{text}", kind)


def _read_other(text: str, scheme: str, kind: LocationKind) -> Locator:
    if scheme in EMBEDDED:
        raise _embedded()
    if scheme in HOSTLESS:
        return _hostless(_parse(text).href, kind, HOSTLESS[scheme])
    if scheme in HOSTED:
        return _read_hosted(text, kind)
    if scheme in ON_DEVICE:
        raise BadInput(
            "This address is only valid on the reporter's own device; report the page's address on the internet.",
            reason="not_a_location",
        )
    raise _unknown_scheme()


def _unknown_scheme() -> BadInput:
    return BadInput(
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


def _read_plain(text: str) -> Locator:
    """Read what matched `_PLAIN`: it has no userinfo, and no brackets in its host."""
    url = _parse(text)
    name = url.hostname
    if name[-1].isdigit() and (address := _literal(name)) is not None:
        return _locate_address(url.href, address, LocationKind.URL)
    return _locate_name(url.href, name, LocationKind.URL, "")


def _read_hosted(text: str, kind: LocationKind) -> Locator:
    url = _parse(text)
    name = url.hostname
    if url.protocol[:-1] not in WEB:
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
        return read_ip(text)
    except ValueError:
        return None


def _hostless(canonical: str, kind: LocationKind, reason: str, userinfo: str = "", host: str | None = None) -> Locator:
    flags = url_flags.flags(canonical, userinfo)
    return _located(kind, canonical, host, no_host=reason, flags=flags)


def may_be_gateway(canonical: str) -> bool:
    """Return whether a canonical URL on an address may be a gateway's (`gateway.behind`); most are not."""
    return _MAY_BE_GATEWAY.search(canonical) is not None


def _locate_address(canonical: str, address: Ip, kind: LocationKind, userinfo: str = "") -> Locator:
    if may_be_gateway(canonical) and (found := behind("", canonical, None)) is not None:
        return _behind_gateway(found, canonical, str(address), kind, userinfo)
    if not is_public(address):
        return _hostless(canonical, kind, "private_address", userinfo, str(address))
    host = str(spoken_to(address))
    return _located(_on_the_web(kind), canonical, host, flags=url_flags.flags(canonical, userinfo))


def _locate_name(canonical: str, name: str, kind: LocationKind, userinfo: str) -> Locator:
    if len(name) > _LONGEST_NAME or _NAME.fullmatch(name) is None or ("." not in name and is_a_scheme(name)):
        raise BadInput(
            "The host name is not one that can exist on the internet; check the part between // and the next /.",
            reason="bad_host",
        )
    reason = special_names.no_host_reason(name)
    domain = registrable_domain(name) if reason is None else None
    # A gateway may run on the reporter's own machine or network; a hidden service is none, whatever its address.
    found = behind(name, canonical, domain) if reason in _MAY_RUN_A_GATEWAY else None
    if found is not None:
        return _behind_gateway(found, canonical, name, kind, userinfo)
    if reason is not None:
        return _hostless(canonical, LocationKind.ONION if reason == "onion" else kind, reason, userinfo, name)
    flags = url_flags.flags(canonical, userinfo)
    return _located(_on_the_web(kind), canonical, name, domain=domain, flags=flags)


def _located(
    kind: LocationKind,
    canonical: str,
    host: str | None,
    *,
    no_host: str | None = None,
    domain: str | None = None,
    flags: tuple[str, ...],
) -> Locator:
    """Build the word without validating what was just read: every line of a bulk file passes here."""
    fields = {
        "kind": kind,
        "canonical": canonical,
        "host": host,
        "no_host": no_host,
        "registrable_domain": domain,
        "itself": False,
        "flags": flags,
    }
    return trusted(Locator, fields)


def _behind_gateway(found: Behind, canonical: str, name: str, kind: LocationKind, userinfo: str) -> Locator:
    """Return the hidden service that a gateway shows, as its location; or the gateway's URL for a content id."""
    if found.reason == "onion_gateway" and found.location is not None:
        canonical, userinfo = _parse(found.location).href, ""
        kind = LocationKind.ONION if ".onion/" in canonical[: _LONGEST_NAME + len("http:///")] else _on_the_web(kind)
    return _hostless(canonical, kind, found.reason, userinfo, name)


def _on_the_web(kind: LocationKind) -> LocationKind:
    """Return the kind of a location that has a host: what was filed as an onion is none then."""
    return LocationKind.URL if kind is LocationKind.ONION else kind


def literal_of(locator: Locator) -> Ip | None:
    """Return the address that a location names as its host: a private one still is evidence."""
    try:
        return ip_address(can_ada.parse(locator.canonical).hostname.strip("[]"))
    except ValueError:
        return None


def _read_handle(text: str, kind: LocationKind) -> Locator:
    """Read an account, an invitation, a room or a peer-to-peer name: a platform's word, with no host to ask."""
    text = unicodedata.normalize("NFC", refang(text))
    if _LINE_END.search(text):
        raise _control()
    if not any(unicodedata.category(one)[0] in _NAMING for one in text):
        raise BadInput(
            "This names nothing; give the name, link or hash by which the place is known there, or leave the item out.",
            reason="not_a_location",
        )
    if _is_web(text):
        url = _parse(text)
        return _hostless(url.href, kind, "platform", _userinfo(url))
    return _hostless(text, kind, "p2p" if kind is LocationKind.P2P else "platform")
