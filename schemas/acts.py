"""What staff and scripts send to act on a referral, a case or the whole router: always with a reason."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.casefile import DeskCode
from schemas.pages import SourceName
from schemas.report import Location
from schemas.vocabulary import Assessment, Outcome, UnitAnswer
from schemas.word import Country, Given, GivenInstant, Line, Name, Note

SCOPE_FORM: Final = r"^(all|(partner|route):[a-z0-9][a-z0-9._-]{0,62})$"
#: `all`, `partner:NAME` or `route:NAME`.
Scope = Annotated[str, StringConstraints(pattern=SCOPE_FORM)]

#: A number as a police unit writes it.
PoliceNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,62}$")]


class Act(Given):
    """What every act carries. `version` is the one its author saw: when it moved on, the act is refused (409)."""

    reason: Line
    version: Annotated[int, Field(ge=0)] | None = None


class Reveal(Given):
    """Body of `POST /v1/cases/{id}/reveal`: empty is enough for who has it before them, else a reason is typed.

    `anyway`: a child may be in danger, and who asks is at the house's limit of looking for now.
    """

    reason: Line | None = None
    anyway: bool = False


class Take(Given):
    """Body of `POST /v1/cases/{id}/take`: `over` takes it from whoever has it."""

    over: bool = False


class PassOn(Given):
    """Body of `POST /v1/cases/{id}/pass-on`: empty; nobody asks why."""


class Next(Given):
    """Body of `POST /v1/cases/next`: which items; empty for the whole desk, urgent first."""

    reason: DeskCode | None = None
    country: Country | None = None
    source: SourceName | None = None
    at_risk: bool = False


class Send(Act):
    """Body of `POST /v1/cases/{id}/send`."""

    assessment: Assessment | None = None  #: what the person says it is, in the same step


class Hold(Act):
    """Body of `POST /v1/referrals/{id}/hold`."""

    until: GivenInstant | None = None  #: release by itself then; None waits for a person


class Choice(Act):
    """Body of `POST /v1/referrals/{id}/override`: to one partner, or to whoever serves a country."""

    partner: Name | None = None
    country: Country | None = None


class Refer(Choice):
    """Body of `POST /v1/cases/{id}/refer`: a choice, and what the material is when nobody has said so yet."""

    assessment: Assessment | None = None


class ThoughtGiven(Given):
    """What a form asks to see before it is sent: to whom, as what, and in the place of which referral."""

    partner: Name | None = None
    country: Country | None = None
    assessment: Assessment | None = None
    instead_of: Name | None = None


class HandedOver(Act):
    """Body of `POST /v1/cases/{id}/handed-over`: to whom it went by another way, and what they call it."""

    partner: Name
    reference: Line  #: what the partner calls it
    at: GivenInstant | None = None  #: when it was handed over; None is now


class ToldPolice(Given):
    """Body of `POST /v1/cases/{id}/told-police`: a unit was told of a case that rings, and what it calls it."""

    reference: Line  #: its number, or who there took it
    partner: Name | None = None  #: which unit; None where there is only one to tell
    at: GivenInstant | None = None  #: when; None is now
    reason: Line | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class TakenBack(Given):
    """Body of `POST /v1/referrals/{id}/taken-back`: the partner confirmed that it dropped what was taken back."""

    reference: Line  #: by what: who there said so, or their letter; kept sealed
    at: GivenInstant | None = None  #: when they said so; None is now
    reason: Line | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class NotOurs(Act):
    """Body of `POST /v1/cases/{id}/not-ours`: the peer that referred it is told, with the reason as it is typed."""

    country: Country | None = None  #: whose it is believed to be


class Assess(Act):
    """Body of `POST /v1/cases/{id}/assess`: what a person says the material is."""

    assessment: Assessment


class NotIllegal(Given):
    """Body of `POST /v1/cases/{id}/not-illegal`: empty is enough for who has seen it."""

    reason: Line | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class Undo(Given):
    """Body of `POST /v1/cases/{id}/undo`: empty is enough; `version` is the one its author saw."""

    reason: Line | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class Acknowledge(Given):
    """Body of `POST /v1/cases/{id}/acknowledge`: empty is enough; the rest may follow when there is time."""

    reason: Line | None = None  #: what was done
    police_reference: PoliceNumber | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class Origin(Act):
    """Body of `POST /v1/cases/{id}/origin`: where the machine behind a CDN is, as its operator said."""

    ip: Annotated[str, StringConstraints(min_length=2, max_length=45)]


class Target(Act):
    """Body of `POST /v1/cases/{id}/target`: where a link leads, as somebody found who followed it.

    Without a location it is the one that the link itself carries (`leads_to` of its verdict).
    """

    location: Location | None = None


class Covers(Given):
    """Which items of its bundle a unit's word is about: of several one of these must be said."""

    only: bool = False  #: this referral alone
    whole: bool = False  #: everything in its bundle
    items: Annotated[tuple[Line, ...], Field(max_length=100)] = ()  #: those named, by reply code or id


class Receipt(Covers):
    """Body of `POST /v1/referrals/{id}/receipt`: the unit's number, or who there said when that they have it."""

    number: PoliceNumber | None = None
    officer: Line | None = None  #: who said so; kept sealed
    at: GivenInstant | None = None  #: when; None is now
    code: Line | None = None  #: the reply code as the unit gave it: proves that its words are about this referral
    shared: bool = False  #: the unit gave the same number to another bundle as well, and that is right
    reason: Line | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class Answer(Covers):
    """Body of `POST /v1/referrals/{id}/answer`: what the unit says of what it has."""

    answer: UnitAnswer
    number: PoliceNumber | None = None
    officer: Line | None = None  #: kept sealed
    until: GivenInstant | None = None  #: of `hold_until`
    outcome: Outcome | None = None  #: of `closed`
    code: Line | None = None
    reason: Line | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class Finding(StrEnum):
    """What a person saw who looked whether the material is gone."""

    GONE = "gone"
    CONTENT_GONE = "content_gone"  #: the page stays
    STILL_THERE = "still_there"
    MOVED = "moved"
    CANNOT_SEE = "cannot_see"  #: and the reason says why
    POLICE_KEEPS = "police_keeps"  #: the police keep it up, until a date


class Look(Act):
    """Body of `POST /v1/cases/{id}/look`."""

    finding: Finding
    until: GivenInstant | None = None  #: of `police_keeps`


class Done(Act):
    """Body of `POST /v1/cases/{id}/done`: which question of the desk is over; None where there is only one."""

    code: DeskCode | None = None


class Close(Act):
    """Body of `POST /v1/cases/{id}/close`."""

    outcome: Outcome


class StopGiven(Given):
    """Body of `POST /v1/stop` and `POST /v1/stop/lift`."""

    scope: Scope = "all"
    reason: Line


class NoteGiven(Given):
    """Body of `POST /v1/notes`."""

    case: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
    note: Note


class PauseGiven(Given):
    """Body of `POST /v1/partners/{name}/{pause|resume|enable|disable}`."""

    reason: Line


class StopView(Given):
    """A stop in force."""

    scope: str
    since: AwareDatetime
    by: str
    reason: str
    at_risk: int  #: cases with a child in danger of which it holds something


class LocateGiven(Given):
    """Body of `POST /v1/locate`: one location or up to a hundred."""

    inputs: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=8192)], ...], Field(min_length=1, max_length=100)
    ]
    offline: bool = False  #: ask nobody, not even a name server


class OwnTokenGiven(Given):
    """Body of `POST /v1/tokens/mine`: for whoever asks."""

    name: Line
    scopes: Annotated[tuple[Line, ...], Field(max_length=32)] = ()
    days: Annotated[int, Field(ge=1, le=3650)] | None = None


class TokenGiven(OwnTokenGiven):
    """Body of `POST /v1/tokens`: for a person (`account`) or for an intake system (`source`)."""

    account: Name | None = None
    source: Name | None = None


class TokenView(Given):
    """A token as it is listed: never the secret itself."""

    id: str
    name: str
    scopes: tuple[str, ...]
    account: str | None = None
    source: str | None = None
    created_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    used_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None


class TokenIssued(Given):
    """The answer of `POST /v1/tokens`: the only time the secret is shown."""

    token: str
    view: TokenView
