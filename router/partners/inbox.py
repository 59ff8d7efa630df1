"""What a hub gives to us: lists of its work, read page by page, and each content of them.

A list names numbers only, at most so many, from a moment of assignment on. What is on it is read one by one. Nothing is
told to the hub until we have it on disk; only then may it be acknowledged, and only where that is ours to do.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from router.partners.base import Deferred, Refused
from schemas.exchange import ActionStatement
from schemas.vocabulary import AgeCategory, Assessment, Commerciality, GenderCategory, PaymentMethod, SiteType
from schemas.word import Country


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a list, in the hub's order."""

    numbers: tuple[str, ...]
    is_full: bool  #: as many as a list ever holds: there may be more


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One content of the hub's, as it is there now."""

    number: str
    report: str  #: the hub's number of the report it is in
    location: str
    assigned_to: Country | None
    assigned_at: datetime | None
    received_at: datetime | None  #: when the public reported it
    page: str | None = None  #: where it was found, for a file of a page
    referrer: str | None = None
    #: Our own references, on this content and on the source of its report, where the hub shows any.
    references: tuple[str, ...] = ()
    assessment: Assessment = Assessment.UNASSESSED
    age: AgeCategory | None = None
    gender: GenderCategory | None = None
    site_type: SiteType | None = None
    commerciality: Commerciality | None = None
    payment_methods: tuple[PaymentMethod, ...] = ()
    memo: str | None = None
    acts: tuple[ActionStatement, ...] = ()  #: what was done already


@dataclass(frozen=True, slots=True)
class Finding:
    """What we found a content to be."""

    value: Assessment
    age: AgeCategory | None = None
    gender: GenderCategory | None = None


class Inbox(ABC):
    """One hub's work for us. Each call says what it found, or why it could not; it raises as `Dialect.send` does."""

    lists: tuple[str, ...]  #: what is read again and again
    first: tuple[str, ...]  #: what is read beside that until it was read through once
    acknowledges: bool  #: whether telling the hub that we have it is ours to do

    @abstractmethod
    async def page(self, name: str, since: datetime) -> Page | Deferred | Refused:
        """Return what a list holds of what was assigned from a moment on."""

    @abstractmethod
    async def read(self, number: str) -> HandedIn | Deferred | Refused:
        """Return one content."""

    @abstractmethod
    async def acknowledge(self, number: str, reference: str) -> Deferred | Refused | None:
        """Tell the hub that we have it, under our reference; said again, it changes nothing."""

    @abstractmethod
    async def tell(self, number: str, finding: Finding, acts: Sequence[ActionStatement]) -> Deferred | Refused | None:
        """Tell what we found and did, in the order in which a hotline does it; what the hub knows is not said again.

        Deferred also when the hub may have taken an act: the next call looks it up first.
        """
