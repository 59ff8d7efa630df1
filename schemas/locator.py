"""A location after reading: the canonical form that names a case, and the host to trace, if there is one."""

from enum import StrEnum

from schemas.word import Word


class LocationKind(StrEnum):
    """What kind of place was reported."""

    URL = "url"
    ACCOUNT = "account"
    CHANNEL_INVITE = "channel_invite"
    ONION = "onion"
    P2P = "p2p"
    APP_ROOM = "app_room"


class Locator(Word):
    """One canonicalised location.

    `canonical` is the WHATWG form with its fragment kept (file hosts keep keys there), and is what is sent. Two of one
    identity (`router/hosting/location/identity.py`) are one case.
    """

    kind: LocationKind
    canonical: str
    #: What a browser would contact: a lower-case ASCII name or an IP literal without brackets; None when nothing.
    host: str | None
    no_host: str | None = (
        None  #: why the host is not asked for: onion, magnet, private_address, platform, not_a_name, ...
    )
    registrable_domain: str | None = None
    #: What it shows a copy of is a case of its own now: it is traced as the host of the copy.
    itself: bool = False
    flags: tuple[str, ...] = ()  #: carries_userinfo, carries_email, carries_session, ... to warn before sending
