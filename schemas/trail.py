"""The trail of a case, as a magistrate gets it by people's hand: who did what, when, by which rules, and what left.

No location stands in it, no account, no name of staff and nothing that anybody typed: what left stands there as its
digest, and who acted as a staff number. The names are a paper of their own.
"""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, StringConstraints

from schemas.decision import RouteWhy
from schemas.embargo import HeldView
from schemas.pages import Page
from schemas.word import Given, Line, Word

#: What a trail's subject begins with among the changes that wait for a second person.
TRAIL: Final = "trail:"
#: Of the form of the document; another number when a reader has to read it otherwise.
FORM: Final = 1


class CourtLanguage(StrEnum):
    """The language of the court that ordered it."""

    NL = "nl"
    FR = "fr"
    DE = "de"
    EN = "en"


class TrailGiven(Given):
    """Body of `POST /v1/trails`: whose order it is, and of which case."""

    case: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    order: Line  #: the order's own reference
    court: Line  #: who ordered it
    language: CourtLanguage


class TrailTaken(Given):
    """Body of `POST /v1/trails/{id}/papers`: with the names of staff, or without."""

    names: bool = False


class TrailSecrets(Word):
    """What a trail keeps under its case's key."""

    order: str
    court: str


class TrailView(Word):
    """A trail that was asked for, as those see it who may make one."""

    id: str
    case: str
    order: str | None = None  #: None once the case is erased
    court: str | None = None
    language: CourtLanguage
    by: str
    at: AwareDatetime
    proposal: str | None = None  #: by which another person confirms it; None: it was confirmed, withdrawn, or ended
    agreed_by: str | None = None
    made_at: AwareDatetime | None = None
    json_digest: str | None = None  #: SHA-256 in hexadecimal, of what was signed
    text_digest: str | None = None
    held: HeldView | None = None  #: an embargo holds its case: it is not made before that ends


class Trails(Page):
    """Answer of `GET /v1/trails`."""

    items: tuple[TrailView, ...]
    key: str | None = None  #: SHA-256 of our public key, to be read aloud to whoever checks a signature


class Paper(Word):
    """One file of a trail."""

    name: str
    content: str  #: in base64


class Papers(Word):
    """Answer of `POST /v1/trails/{id}/papers`."""

    files: tuple[Paper, ...]


class TrailEntry(Word):
    """One entry of the audit chain that is of the case."""

    number: int  #: from one, in the order of the trail
    at: AwareDatetime  #: UTC
    local: str  #: the same by the house's clock, with its offset from UTC
    by: str  #: a staff number, or which machine
    act: str
    detail: dict[str, Any]
    referral: str | None = None
    why: tuple[RouteWhy, ...] = ()  #: of each route that matched, by the version of the policy that decided
    typed: bool = False  #: somebody typed a reason, which stays with the house
    damaged: bool = False  #: it is not what was written; the house's `audit verify` says more
    program: str | None = None  #: the version of the router that wrote it; None: not kept then
    policy: int | None = None  #: the version of the policy in force at that moment
    epoch: str
    seq: int
    hash: str


class TrailLeft(Word):
    """What left to one partner, as digests."""

    referral: str
    partner: str
    kind: str | None = None  #: of the partner
    state: str
    created_at: AwareDatetime
    first_sent_at: AwareDatetime | None = None
    accepted_at: AwareDatetime | None = None
    receipt: str | None = None
    sha256: str | None = None  #: of what was fixed to be sent; None: nothing was, or its time is over
    keyed: str | None = None  #: the house's keyed digest of the same
    attempts: tuple["TrailAttempt", ...] = ()


class TrailAttempt(Word):
    """One try to deliver."""

    started_at: AwareDatetime
    ended_at: AwareDatetime
    outcome: str
    reason: str


class TrailReveal(Word):
    """Who saw the location in full."""

    by: str
    at: AwareDatetime


class TrailClock(Word):
    """What is known of the house's clock when the trail was made."""

    zone: str
    partners: int  #: partners whose answers say the time
    behind_seconds: float | None = None  #: by how much ours is behind their median; None: nobody says
    doubt: str | None = None  #: why the clock is not believed just now


class TrailOrder(Word):
    """By whose order, and by which two persons."""

    reference: str
    court: str
    asked_by: str
    asked_at: AwareDatetime
    confirmed_by: str


class TrailCase(Word):
    """Which case."""

    id: str
    dossiers: tuple[str, ...]
    sources: tuple[str, ...]
    received_at: AwareDatetime
    opened_at: AwareDatetime
    state: str
    assessment: str
    hosting_country: str | None = None
    assigned_country: str | None = None
    closed_at: AwareDatetime | None = None
    outcome: str | None = None


class Trail(Word):
    """The whole document."""

    form: int = FORM
    id: str
    language: CourtLanguage
    house: str
    program: str
    policy: int
    made_at: AwareDatetime
    order: TrailOrder
    case: TrailCase
    clock: TrailClock
    entries: tuple[TrailEntry, ...]
    left: tuple[TrailLeft, ...]
    revealed: tuple[TrailReveal, ...]
    checkpoint: dict[str, Any]  #: the newest signed root of the audit chain, by which the entries are proven
