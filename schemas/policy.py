"""The routing policy as it is written: routes, their conditions, the bars, and its own tests.

Strict: an unknown key, an unknown value or a number written as text is an error. `router/policy/load` reads it from
TOML and names the line. `When` mirrors `Facts` field by field, so that nothing is known that a rule cannot ask for.
"""

import re
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from schemas.closing import Closing, ClosingTest
from schemas.countries import ALPHA2
from schemas.decision import Mode
from schemas.duration import Duration
from schemas.facts import Facts
from schemas.follow_up import Between, FollowUpRule
from schemas.law import DatedLaw
from schemas.locator import LocationKind
from schemas.retention import Retention
from schemas.severity import SeverityRules
from schemas.site import HostIndex
from schemas.trace import HostingBasis, OnlineMode, VerdictKind
from schemas.vocabulary import AccountRole, Assessment, Commerciality, Lane, SiteType, SourceKind, Urgency
from schemas.word import Country, Given, Line, Name

#: The recipient that is no partner: our own people.
DESK: Final = "desk"
#: What stands before the country in "hotline:NL" and "hotline:hosting_country".
HOTLINE: Final = "hotline:"
#: The facts whose country a recipient word may follow.
FOLLOWED: Final = frozenset({"hosting_country", "account_country"})
#: The word for our own country, wherever a rule names countries.
HOME: Final = "home"
#: The route's name on what was handed to the police because nobody answered the alarm (`Policy.unseen_to`).
UNSEEN: Final = "unseen"
#: The route that stands below every policy and cannot be written: people decide.
ROOT_NAME: Final = "root"

#: The confidence that is asked for where a policy says nothing of it: that of the policies that ship.
SURE_FROM: Final = 0.90

_PARTNER = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


def _country_or_home(word: str) -> str:
    if word != HOME and word not in ALPHA2:
        raise ValueError(f"{word!r} is neither 'home' nor an ISO 3166-1 alpha-2 country code such as 'NL'")
    return word


def _recipient(word: str) -> str:
    if word.startswith(HOTLINE):
        country = word.removeprefix(HOTLINE)
        if country not in FOLLOWED and country not in ALPHA2:
            raise ValueError(
                f"{word!r} is no recipient; after 'hotline:' write hosting_country, account_country or a country code"
            )
    elif not _PARTNER.fullmatch(word):
        raise ValueError(f"{word!r} is no recipient; write 'desk', 'hotline:...' or a partner's name")
    return word


T = TypeVar("T")
#: The languages in which people read reasons: those of the console.
Language: TypeAlias = Literal["nl", "fr", "de", "en"]
CountryWord = Annotated[str, AfterValidator(_country_or_home)]
RecipientWord = Annotated[str, AfterValidator(_recipient)]
#: The fact is one of these; for a fact with several values, at least one of them is.
OneOf = Annotated[tuple[T, ...], Field(min_length=1, max_length=300)]
#: true: the fact is known (or has any value at all); false: it is not.
Known: TypeAlias = bool


class When(Given):
    """The conditions of a route; all must hold, and none at all always holds."""

    kind: OneOf[LocationKind] | None = None
    verdict: OneOf[VerdictKind] | None = None
    reasons: OneOf[Line] | Known | None = None
    hosting_country: OneOf[CountryWord] | Known | None = None
    registration_country: OneOf[CountryWord] | Known | None = None
    countries: OneOf[CountryWord] | Known | None = None
    confidence_below: Annotated[float, Field(gt=0, le=1)] | None = None
    inhope: bool | None = None
    iccam: bool | None = None
    has_hotline: bool | None = None
    assessment: OneOf[Assessment] | None = None
    urgency: OneOf[Urgency] | None = None
    site_type: OneOf[SiteType] | Known | None = None
    commerciality: OneOf[Commerciality] | Known | None = None
    account_country: OneOf[CountryWord] | Known | None = None
    account_abroad: bool | None = None
    account_has_hotline: bool | None = None
    account_role: OneOf[AccountRole] | None = None
    source: OneOf[Name] | Known | None = None
    source_kind: OneOf[SourceKind] | None = None
    lane: OneOf[Lane] | None = None
    platform: OneOf[Line] | Known | None = None
    host_index: OneOf[HostIndex] | None = None
    networks: OneOf[Annotated[int, Field(ge=1, le=2**32 - 1)]] | Known | None = None
    operators: OneOf[Line] | Known | None = None
    flags: OneOf[Line] | Known | None = None
    moved: bool | None = None
    bounced_at_least: Annotated[int, Field(ge=1)] | None = None
    seen_older_than: Duration | None = None  #: somebody last saw it there, and longer ago than this
    still_there_at_least: Annotated[int, Field(ge=1, le=50)] | None = None
    path: OneOf[Name] | Known | None = None

    @cached_property
    def conditions(self) -> tuple[tuple[str, Any], ...]:
        """Return what was written, as (key, wanted), in the order of the facts."""
        return tuple((key, wanted) for key in type(self).model_fields if (wanted := getattr(self, key)) is not None)


class Route(Given):
    """One rule: when it matches, who receives, and how."""

    model_config = ConfigDict(populate_by_name=True)

    name: Name
    when: When = When()
    to: Annotated[tuple[RecipientWord, ...], Field(min_length=1, max_length=20)]
    copy_: bool = Field(default=False, alias="copy")  #: adds its recipients and keeps looking
    mode: Mode = Mode.AUTOMATIC
    alarm: Duration | None = None  #: how soon somebody must have looked
    reason: Line | None = None  #: shown on the desk, and with a hold
    hold: Duration | None = None  #: how long a referral waits, for police clearance, unless staff release it
    proposal: bool = True  #: a route to people: whether the rules below say what one key would send

    @property
    def ends_the_walk(self) -> bool:
        """Whether no rule below is looked at. A question to people leaves the rules below to make a proposal.

        It does so too where somebody else receives beside them: a child at risk is no reason to keep it from others.
        """
        return not self.copy_ and not (DESK in self.to and self.proposal)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.name == ROOT_NAME:
            raise ValueError("'root' is the rule that stands below every policy; choose another name")
        if self.name == UNSEEN:
            raise ValueError("'unseen' names what follows when nobody answers an alarm; choose another name")
        if len(set(self.to)) < len(self.to):
            raise ValueError("`to` names a recipient twice")
        if self.hold and not self.reason:
            raise ValueError("`hold` needs a `reason`, which staff see while it waits")
        if self.alarm and DESK not in self.to and self.mode is not Mode.PROPOSE:
            raise ValueError("`alarm` calls people: it needs 'desk' in `to`, or mode = \"propose\"")
        if not self.proposal and (self.copy_ or DESK not in self.to):
            raise ValueError('`proposal = false` is for a route with "desk" in `to` and without `copy`')
        return self


class GivenFacts(Facts):
    """The facts of a policy's own test: what is not given has the default of `Facts`."""

    model_config = ConfigDict(strict=True)


class PolicyTest(Given):
    """One example that the policy must decide as its author meant: recipients as words or as partners' names."""

    name: Line | None = None
    given: GivenFacts
    expect: Annotated[tuple[RecipientWord, ...], Field(min_length=1)]  #: who is reached without anybody's key
    propose: tuple[RecipientWord, ...] | None = None  #: whom one key would reach; None: not looked at
    route: Name | None = None  #: the route that must decide it; None: not looked at


class PolicyProblem(Given):
    """One thing wrong with a policy as it was written."""

    line: int | None = None  #: 1-based; None when it is about the whole
    place: str  #: "route child-at-risk: when.urgency"
    text: str  #: what is wrong and what to write instead

    def __str__(self) -> str:
        """Return it as one line for people."""
        return f"line {self.line}, {self.place}: {self.text}" if self.line else f"{self.place}: {self.text}"


class Unseen(StrEnum):
    """What follows when nobody answers the alarm of a child at risk in time."""

    RING_ON = "ring-on"
    HAND_TO_POLICE = "hand-to-police"  #: as well: the alarm goes on ringing


class GivesBack(StrEnum):
    """What follows when a peer refers what is hosted neither here nor in doubt."""

    PEOPLE = "people"  #: it is decided like any other case; people may say that it is not ours
    ANSWER = "answer"  #: the peer is told at once that it is not ours, and where it is hosted


class ToldPolice(StrEnum):
    """When a hub that gave us a case hears that it was reported to the police."""

    RECEIPT = "receipt"  #: once the unit said that it has it
    LEAVING = "leaving"  #: once it left


class PutInForceByTwo(StrEnum):
    """Which versions of a policy another person has to confirm."""

    WIDENING = "widening"  #: those that may send further, always (ADR 0008)
    EVERY = "every"


class Policy(Given):
    """The whole policy. Its version in the store is another number: `version` here is that of the format."""

    model_config = ConfigDict(populate_by_name=True)

    version: Literal[1]
    home: Country
    hosting_basis: HostingBasis = "location"
    online: OnlineMode = OnlineMode.WHEN_DOUBTFUL
    retrace_before_send: Duration = timedelta(hours=1)
    follow_up: Duration = timedelta(days=5)
    follow_up_rules: Annotated[tuple[FollowUpRule, ...], Field(alias="follow_up_rule", max_length=200)] = ()
    follow_up_until: Duration = timedelta(days=180)  #: so long after it was opened people say how a case ends
    most_looks: Annotated[int, Field(ge=1)] | None = None  #: so many looks wait for people at a time; None: any number
    silent_days: Annotated[tuple[Annotated[int, Field(ge=1, le=365)], ...], Field(max_length=20)] = (1, 3, 7, 14, 28)
    police_every: Between = timedelta(days=30)  #: how often police are asked about what only they have
    reported_to_lea: ToldPolice = ToldPolice.RECEIPT  #: what counts as ReportedToLEA of a case that a hub gave to us
    origin_wait: Duration = timedelta(hours=24)  #: how long a CDN has to name the origin behind its edge
    not_ours: GivesBack = GivesBack.PEOPLE
    status_given_up_after: Duration = timedelta(days=4)  #: how long a source's status address may take nothing
    unseen_after: Duration = timedelta(hours=1)  #: how long nobody may answer the alarm of a child at risk
    unseen_then: Unseen = Unseen.RING_ON
    unseen_to: Name | None = None  #: with hand-to-police: the police partner that is told, assessed or not
    barred: dict[Country, Line] = Field(
        default_factory=dict
    )  #: recipient's country -> the legal reason why nothing goes there
    language: Language = "en"  #: in which the reasons of its routes and bars are written
    translations: dict[Language, dict[Line, Line]] = Field(default_factory=dict)  #: language -> reason -> said in it
    second_person_for: PutInForceByTwo = PutInForceByTwo.WIDENING  #: which versions wait for a second person
    look_first: bool = False  #: whoever sends a case by their own key has revealed it
    second_look: Annotated[float, Field(ge=0, le=1)] = 0.0  #: share of what one calls not illegal that a second sees
    retention: Retention | None = None  #: how long things are kept; a policy without it erases nothing
    severity: SeverityRules = SeverityRules()
    labels: Annotated[
        dict[Name, Annotated[tuple[Line, ...], Field(min_length=1, max_length=500)]], Field(max_length=20)
    ] = Field(default_factory=dict)  #: scheme -> labels that figures name; they stand in the clear, others are `other`
    closing: Closing = Closing()  #: on what a case closes
    closing_tests: Annotated[tuple[ClosingTest, ...], Field(max_length=2000)] = ()
    law: Annotated[tuple[DatedLaw, ...], Field(max_length=20)] = ()  #: on which law a hand-over rests, from a day on
    routes: Annotated[tuple[Route, ...], Field(alias="route", min_length=1, max_length=200)]
    tests: Annotated[tuple[PolicyTest, ...], Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _names_the_police(self) -> Self:
        if (self.unseen_then is Unseen.HAND_TO_POLICE) != (self.unseen_to is not None):
            raise ValueError(
                '`unseen_to` names the police partner of `unseen_then = "hand-to-police"`; write both, or none'
            )
        return self

    @model_validator(mode="after")
    def _tests_what_closes(self) -> Self:
        if "closing" in self.model_fields_set and not self.closing_tests:
            raise ValueError("`[closing]` carries its own tests: write at least one [[closing_tests]]")
        return self

    def escalates(self, still_there: int) -> bool:
        """Tell whether a rule asks for it anew once a person saw it there at so many checks, and after as many more."""
        asked = {route.when.still_there_at_least for route in self.routes} - {None}
        return any(still_there % one == 0 for one in asked if one is not None)

    @cached_property
    def sure_from(self) -> float:
        """Return the confidence from which on no route of the policy calls a country doubtful.

        A policy that never asks for the confidence of a case is given `SURE_FROM`.
        """
        asked = [route.when.confidence_below for route in self.routes if route.when.confidence_below is not None]
        return max(asked, default=SURE_FROM)
