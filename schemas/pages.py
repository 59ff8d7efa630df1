"""Lists that do not fit in one answer: what of them is wanted, how much there is, and a page of it."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Generic, Self, TypeVar

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.casefile import DeskCode
from schemas.report import Reference
from schemas.site import SiteTag
from schemas.states import CaseState, ReferralState
from schemas.word import Country, Given, Name, Word

T = TypeVar("T")
#: Our number of a report, however it is written, its source's own reference, a police unit's number, or a reply code.
Number = Annotated[
    Reference,
    Field(
        description="A report's number: ours, the reference that its source gave it, the number that a police unit "
        "or a hub gave it, or a reply code. One that may name a location is refused: it must not stand in a URL."
    ),
]
SourceName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Page(Word):
    """One page: send `next` as `cursor` for the following one; None ends the list.

    A page may hold fewer than were asked for, or none, and still have a next one: no page looks at more than so many
    rows, however few of them are wanted.
    """

    total: int  #: how many there are in all; with `more`, at least so many
    more: bool = False  #: whether there may be more than `total`: beyond what is counted exactly
    next: str | None = None


class Whole(Page, Generic[T]):
    """A list that is always given whole: all of it stands in its one page."""

    items: tuple[T, ...]

    @classmethod
    def of(cls, items: Iterable[T]) -> Self:
        """Return a list of these."""
        found = tuple(items)
        return cls(items=found, total=len(found))


class DeskOrder(StrEnum):
    """In which order the desk is read."""

    RISK = "risk"  # children at risk first, then what has waited longest
    DUE = "due"  # what is due soonest first
    AGE = "age"  # what has waited longest first


class Due(StrEnum):
    """What of the desk is due."""

    OVERDUE = "overdue"
    TODAY = "today"  # until the house's midnight; what is overdue is among it


class Waits(StrEnum):
    """How long people have had it, at least."""

    HOUR = "1h"
    DAY = "1d"
    THREE_DAYS = "3d"
    WEEK = "7d"

    @property
    def time(self) -> timedelta:
        """Return how long that is."""
        return timedelta(**{{"h": "hours", "d": "days"}[self[-1]]: int(self[:-1])})


class CasesWanted(Word):
    """Which cases."""

    state: CaseState | None = None
    reason: DeskCode | None = None  #: why they are with people, any reason of several
    source: SourceName | None = None  #: who reported it first
    country: Country | None = None  #: where it is hosted
    partner: Name | None = None  #: to whom it was referred, whatever became of that
    at_risk: bool = False  #: only open ones with a child in danger
    site: SiteTag | None = None  #: only those of one host
    number: Number | None = None


class DeskWanted(Word):
    """What of the desk."""

    reason: DeskCode | None = None
    source: SourceName | None = None
    country: Country | None = None
    partner: Name | None = None
    at_risk: bool = False
    site: SiteTag | None = None  #: only what is of one host
    number: Number | None = None  #: only what a report of this number is of
    mine: bool = False  #: only what the reader has before them
    due: Due | None = None
    waits: Waits | None = None  #: only what people have had for so long
    waits_since_before: AwareDatetime | None = None  #: what has waited since before that moment
    came_after: AwareDatetime | None = None  #: what came to people after that moment
    order: DeskOrder = DeskOrder.RISK


class Sought(Given):
    """Body of `POST /v1/cases/search`: what is looked for, and which page of it.

    A number, a case's id, an exact location, a host, a registrable domain, a partner or a country.
    """

    text: Annotated[str, StringConstraints(min_length=1, max_length=8192, strip_whitespace=True)]
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class Meaning(StrEnum):
    """As what a text that somebody looks for was read."""

    NUMBER = "number"  # a report's, a case's, or a recipient's
    LOCATION = "location"
    HOST = "host"
    DOMAIN = "domain"  # registrable: every host under it
    PARTNER = "partner"
    COUNTRY = "country"


class Reading(Word):
    """One meaning of a text; `value` is the partner or country that it names, and nothing of a location."""

    meaning: Meaning
    value: str | None = None


class ReferralsWanted(Word):
    """Which referrals. Those of one partner come newest case first, all others newest first."""

    state: ReferralState | None = None
    partner: Name | None = None
    without_receipt: bool = False  #: only those that were tried and have no receipt yet
    bundled: bool = False  #: only those that left, or are to leave, in a bundle for a police unit
    number: Number | None = None
