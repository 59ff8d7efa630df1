"""The story of the simulated world, as data: which hosts exist, who moves when, and what each partner does about it.

Names end in `.test` (RFC 6761: never on the public internet). Addresses are ones that the shipped data really locate,
inside ranges that their operators publish with a region, so that a verdict rests on real evidence; nothing is ever sent
to them, because the demo's connections end on loopback. Time starts at `START` and days count from there.

`TALES` says what has to become of each report of `examples/reports.ndjson`; `demo --check` judges by it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from schemas.vocabulary import ActionType, Outcome

#: When the story begins: a Monday morning, so that its five days read like a week at a hotline.
START: Final = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

HOME: Final = "child-focus-be"
NETHERLANDS: Final = "offlimits-nl"
CANADA: Final = "cybertip-ca"
POLICE: Final = "federal-police"
HUB: Final = "iccam"


@dataclass(frozen=True, slots=True)
class Site:
    """Where a partner answers: a name of the world's DNS at a public address, which the demo maps to loopback."""

    partner: str
    country: str
    host: str
    address: str


SITES: Final = (
    Site(HOME, "BE", "be.hotline.test", "34.140.10.10"),
    Site(NETHERLANDS, "NL", "nl.hotline.test", "188.166.10.10"),
    Site(CANADA, "CA", "ca.hotline.test", "35.182.10.10"),
    Site(POLICE, "BE", "intake.police.test", "34.140.20.20"),
    Site(HUB, "NL", "hub.iccam.test", "188.166.20.20"),
)


@dataclass(frozen=True, slots=True)
class Host:
    """One host of the world: its addresses, or the name it is an alias of."""

    name: str
    addresses: tuple[str, ...] = ()
    alias: str | None = None
    ttl: int = 3600  #: seconds
    about: str = ""


HOSTS: Final = (
    Host("pages.tulip.test", ("188.166.40.20",), about="Netherlands; taken down there on day 2"),
    Host("box.tulip.test", ("134.209.85.20",), about="Netherlands; a file host whose key stands in the fragment"),
    Host("gallery.windmill.test", ("178.62.210.30",), about="Netherlands; nobody has assessed it yet"),
    Host("albums.windmill.test", ("178.62.210.31",), about="Netherlands; a page with three files, one of which moves"),
    Host("live.canal.test", ("20.50.60.60",), about="Netherlands; abuse is being streamed"),
    Host("albums.maple.test", alias="lb.rockies.test", about="Canada, behind an alias; nobody acts on it"),
    Host("lb.rockies.test", ("35.182.20.20", "2604:a880:cad:d0::10"), about="Canada, over IPv4 and IPv6"),
    Host("news.moose.test", ("35.183.30.30",), about="Canada; found not illegal there"),
    Host("forum.lions.test", ("34.140.30.30",), about="Belgium, our home"),
    Host("files.pearl.test", ("34.18.10.10",), about="Qatar, where no hotline is known"),
    Host("www.frontdoor.test", ("104.16.20.20",), about="only a CDN's edge is seen"),
    Host("mirror.twolands.test", ("4.175.10.20", "3.96.40.40"), about="Netherlands and Canada at once"),
    Host("drift.mill.test", ("159.203.10.20",), ttl=300, about="Canada at first, the Netherlands from day 3"),
    Host("short.dunes.test", ("188.166.60.60",), about="Netherlands; gone on day 4"),
    # For tests of the resolver and the guard; no report names them.
    Host("inside.test", ("10.1.2.3",), about="a private address"),
    Host("mixed.test", ("188.166.40.21", "192.168.7.7"), about="a public and a private address"),
    Host("empty.test", (), about="a name without an address"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to a host on a day: new addresses, or none at all, when its name disappears."""

    day: int
    host: str
    addresses: tuple[str, ...] = ()


CHANGES: Final = (
    Change(3, "drift.mill.test", ("188.166.50.50",)),
    Change(4, "short.dunes.test"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a partner's staff do on a day with what the report of that reference became there."""

    day: int
    partner: str
    reference: str
    action: ActionType
    item: int = 0  #: which one of the report, by its place
    to: str | None = None  #: of what moved: the country where it is now


REPLIES: Final = (
    Reply(2, POLICE, "W-2026-1004", ActionType.REMOVED),
    Reply(2, HUB, "W-2026-1001", ActionType.REMOVED),
    Reply(2, HUB, "W-2026-1007", ActionType.REMOVED),
    *(Reply(2, HUB, "W-2026-1019", ActionType.REMOVED, item) for item in (0, 1, 2)),
    Reply(2, HUB, "W-2026-1019", ActionType.MOVED, 3, to="DE"),
    Reply(3, CANADA, "W-2026-1003", ActionType.NOT_ILLEGAL),
    Reply(4, HUB, "W-2026-1019", ActionType.REMOVED, 3),  # by the hotline to which the hub gave it
)


@dataclass(frozen=True, slots=True)
class Tale:
    """What has to become of one report.

    `partners` must hold it once submitted, and nobody else may; `desk` says whether our staff are asked then;
    `outcome` is how it is closed twelve days later, None while it stays open; `later` are partners it goes to in the
    meantime, because the material moved.
    """

    reference: str
    about: str
    country: str | None
    partners: tuple[str, ...] = ()
    desk: bool = False
    outcome: Outcome | None = None
    later: tuple[str, ...] = ()


TALES: Final = (
    Tale("W-2026-1001", "hosted in the Netherlands", "NL", (HUB,), outcome=Outcome.REMOVED),
    Tale("W-2026-1002", "hosted in Canada, behind an alias", "CA", (CANADA,)),
    Tale("W-2026-1003", "hosted in Canada, and not illegal there", "CA", (CANADA,)),
    Tale("W-2026-1004", "hosted at home", "BE", (POLICE,), outcome=Outcome.REMOVED),
    Tale("W-2026-1005", "hosted where no hotline is known", "QA", (POLICE,)),
    Tale("W-2026-1006", "not assessed yet", "NL", desk=True),
    Tale("W-2026-1007", "a key in the fragment", "NL", (HUB,), outcome=Outcome.REMOVED),
    Tale("W-2026-1008", "a child at risk now", "NL", (POLICE,), desk=True),
    Tale("W-2026-1009", "shared by a suspect's account in Canada", "BE", (POLICE, CANADA)),
    Tale("W-2026-1010", "only a CDN's edge is seen", None, desk=True),
    Tale("W-2026-1011", "hosted in two countries at once", None, desk=True),
    Tale("W-2026-1012", "a hidden service", None, desk=True),
    Tale("W-2026-1013", "the page of W-2026-1001 again, by another way", "NL", (HUB,), outcome=Outcome.REMOVED),
    Tale("W-2026-1014", "an account on a platform, in Canada", None, (CANADA,)),
    Tale("W-2026-1015", "a host that does not exist", None, desk=True),
    Tale("W-2026-1016", "a host that moves to another country", "CA", (CANADA,), later=(HUB,)),
    Tale("W-2026-1017", "a host that disappears", "NL", (HUB,), outcome=Outcome.UNAVAILABLE),
    Tale("W-2026-1018", "an invitation to a chat: whose is it?", None, desk=True),
    Tale("W-2026-1019", "a page with three files", "NL", (HUB,), outcome=Outcome.REMOVED),
)
