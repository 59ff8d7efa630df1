"""What was decided for a case: who receives it, by which path through which policy, and who said so."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from schemas.trace import Reason
from schemas.word import Country, Word


class Mode(StrEnum):
    """Whether a referral leaves by itself or waits for one key."""

    AUTOMATIC = "automatic"
    PROPOSE = "propose"


class Recipient(Word):
    """One partner chosen by one route."""

    partner: str
    route: str
    copy_: bool = False
    mode: Mode = Mode.AUTOMATIC
    hold_until: datetime | None = None
    hold_reason: str | None = None


class DeskCall(Word):
    """Why people are asked, in a stable code and a sentence, and by when."""

    code: str
    text: str
    alarm: timedelta | None = None


class Step(Word):
    """One route of the policy as it was walked: whether it matched, and if not, on which condition it failed."""

    route: str
    matched: bool
    because: str


class RouteWhy(Word):
    """Why a route chose what it chose, in the words of the version of the policy that decided."""

    route: str
    reason: str | None = None  #: as that version has it; None: it gives none for this route
    language: str = "en"  #: in which the reason is written
    translations: dict[str, str] = Field(default_factory=dict)  #: the reason in further languages, where it has them
    because: str | None = None  #: the facts that its conditions looked at; None: not kept


class IfUnseen(Word):
    """Who is told, and when, if nobody answers the alarm that this decision rings."""

    partner: str
    after: timedelta


class Decision(Word):
    """The answer of the policy, or of a person."""

    policy_version: int
    recipients: tuple[Recipient, ...] = ()
    desk: tuple[DeskCall, ...] = ()  #: empty when nobody has to look
    path: tuple[Step, ...] = ()
    assigned_country: Country | None = None  #: who deals with it; may differ from where it is hosted
    refused: tuple[Reason, ...] = ()  #: recipients that the directory or a legal bar ruled out, each with its reason
    if_unseen: IfUnseen | None = None  #: None: it rings on, or nothing rings
    by: str = "policy"  #: "policy" or the person's id
    reason: str = ""
