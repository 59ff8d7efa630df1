"""What a URL of ours asks to connect to, read strictly before anything is looked up."""

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, ip_address
from typing import Final

from yarl import URL

from router.errors import EgressRefused
from router.guard.addresses import literal
from schemas.trace import Ip


class Purpose(StrEnum):
    """Why we connect."""

    PARTNER = "partner"
    IDENTITY = "identity"  #: OpenID Connect
    DATA = "data"  #: refreshing the embedded data
    GEOFEED = "geofeed"
    RDAP = "rdap"
    ALARM = "alarm"  #: telling people of this house: on this machine in the clear too, since their relay may be here
    PROBE = "probe"  #: is a reported location still there; off unless the operator allows it


#: Some registries only answer in the clear, and reported pages are where they are. Nothing else goes unencrypted.
_CLEARTEXT: Final = frozenset({Purpose.RDAP, Purpose.PROBE})
#: Characters that a URL may have in a request line (RFC 3986 section 2), and those that servers take all the same.
_REQUEST_LINE: Final = re.compile(r"[!#-;=?-\[\]_a-z|~]+")
#: The name under which an address literal passes through the resolver like any other host (RFC 6761: never in DNS).
_LITERAL: Final = ".literal.invalid"
#: The same for this machine itself, where one of our purposes may go there.
_HERE: Final = ".here.invalid"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. The two names are set only for an address literal, which travels under another name."""

    url: URL
    host_header: str | None = None
    tls_name: str | None = None


def read(url: str, purpose: Purpose) -> Target:
    """Read a URL, or raise EgressRefused: wrong scheme for the purpose, user name, no host, odd literal.

    aiohttp never asks its resolver about literals (resolution facts, 6), so they are renamed to something that it does
    ask about: judged, pinned and dialled in the one place where all others are.
    """
    return _of_partner(url) if purpose is Purpose.PARTNER else _read(url, purpose)


@lru_cache(maxsize=256)  # each referral asks the same again; what others ask for may be reported, and is not kept
def _of_partner(url: str) -> Target:
    return _read(url, Purpose.PARTNER)


def _read(url: str, purpose: Purpose) -> Target:
    try:
        target = as_written(url)
    except ValueError:
        target = URL()
    here = _this_machine(target) if purpose is Purpose.ALARM else None
    if here is not None and target.scheme in ("http", "https") and target.port and not target.user:
        return _renamed(target, here, _HERE)
    if target.scheme != "https" and not (target.scheme == "http" and purpose in _CLEARTEXT):
        raise EgressRefused("Use an https:// address", reason="scheme")
    if target.user or target.password or not target.raw_host or not target.port or target.raw_host.endswith(_HERE):
        raise EgressRefused("The address must have a host, no user name and a usual port", reason="authority")
    ip = literal(target.raw_host)
    if ip is None:
        return Target(target)
    return _renamed(target, ip, _LITERAL)


def _renamed(target: URL, ip: Ip, suffix: str) -> Target:
    shown = str(ip) if isinstance(ip, IPv4Address) else f"[{ip}]"
    return Target(target.with_host(ip.packed.hex() + suffix), f"{shown}:{target.port}", str(ip))


def _this_machine(target: URL) -> Ip | None:
    return loopback(target.raw_host or "")


def loopback(host: str) -> Ip | None:
    """Return the address of this machine that `host` writes out; a name that only leads here is none."""
    with suppress(EgressRefused):
        ip = literal(host)
        return ip if ip is not None and ip.is_loopback else None
    return None


def as_written(url: str) -> URL:
    """Return a URL whose path and query go out as they are written: `/a%2Fb` is neither `/a/b` nor `/a%2fb`.

    What cannot stand in a request line is quoted. Raise ValueError for what is no URL.
    """
    target = URL(url)
    if not _REQUEST_LINE.fullmatch(url):
        return target
    raw = URL(url, encoded=True)
    return URL.build(
        scheme=target.scheme,
        authority=target.raw_authority,
        path=raw.raw_path,
        query_string=raw.raw_query_string,
        encoded=True,
    )


def unrename(host: str) -> Ip | None:
    """Return the address behind a name made by `read`, or None for every other host."""
    return _behind(host, _LITERAL)


def here(host: str) -> Ip | None:
    """Return the address of this machine behind a name made by `read` for a purpose that may go there, or None."""
    return _behind(host, _HERE)


def _behind(host: str, suffix: str) -> Ip | None:
    if not host.endswith(suffix):
        return None
    try:
        return ip_address(bytes.fromhex(host.removesuffix(suffix)))
    except ValueError:
        return None
