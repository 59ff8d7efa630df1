"""What a case's file says beside the case: who has it, who has had it for how long, which cases belong to it."""

from enum import StrEnum

from pydantic import AwareDatetime, JsonValue

from schemas.word import Word


class Whose(StrEnum):
    """Who has a case."""

    US = "us"  #: nobody else has it
    PARTNER = "partner"  #: a hotline, or a hub of hotlines
    POLICE = "police"
    PROVIDER = "provider"  #: the host or platform


class Turn(Word):
    """One time during which somebody had a case. Several may have it at once; it is ours where nobody else does."""

    who: Whose
    partner: str | None = None  #: who of them; of a host that a partner wrote to it is that partner
    through: bool = False  #: `partner` said that it told them: we did not
    since: AwareDatetime
    until: AwareDatetime | None = None  #: None: they have it now


class Relation(StrEnum):
    """How another case belongs to this one."""

    PAGE = "page"  #: the page that this file is on
    FILE = "file"  #: a file on this page
    LEADS_TO = "leads_to"  #: the place that this link leads to
    LED_HERE = "led_here"  #: a link that led to this place
    CAME_BACK_FROM = "came_back_from"  #: the case of this location that was closed before
    CAME_BACK_AS = "came_back_as"  #: the case of this location that was opened after this one was closed


class LinkedCase(Word):
    """Another case that belongs to this one; each names the other."""

    relation: Relation
    case: str


class LeavingField(Word):
    """One field of what will be sent."""

    name: str  #: as it stands on the wire: `location`, `hosting.country`
    value: JsonValue = None  #: only when revealed; defanged


class Leaving(Word):
    """What will be sent to one partner, before it is."""

    partner: str
    dialect: str
    referral: str | None = None  #: None: it is only proposed, and its id is given when it is sent
    chosen: bool = False  #: whom a person thinks of; nothing is sent by that
    frozen: bool = False  #: these very bytes leave; else they are made when it is sent, from a trace of then
    begun: bool = False  #: of several steps one is done: part of it is there already
    fields: tuple[LeavingField, ...] = ()
    problem: str | None = None  #: why nothing can be made for this partner


class HolderView(Word):
    """Who has an item before them, and until when."""

    by: str
    until: AwareDatetime
    mine: bool = False  #: it is the reader
    viewing: str | None = None  #: in this viewing session
