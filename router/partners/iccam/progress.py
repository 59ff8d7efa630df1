"""How far a referral has come at the hub: what is kept, sealed, from one turn to the next."""

from dataclasses import dataclass
from typing import TypeAlias

from pydantic import AwareDatetime

from router.partners.base import Deferred, Refused, Unknown
from schemas.word import Country, Word


class Progress(Word):
    """What the hub has of one referral. Everything else is read from the hub itself, so no step is done twice."""

    doubt_since: AwareDatetime | None = None  #: a report may have been taken since then, and its id was lost
    looked: tuple[int, ...] = ()  #: contents that were read in search of it, and are not ours
    report: int | None = None  #: the report's id there
    content: int | None = None  #: our content's id there
    reported_at: AwareDatetime | None = None  #: when we learnt the report's id
    asked: Country | None = None  #: the country that the hub was asked to give it to, once it took that
    asked_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The hub says that the country has it."""

    receipt: str


@dataclass(frozen=True, slots=True)
class Again:
    """A step is done, or waits for the hub; go on after so many seconds. `text` says on what it waits."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The hub gave it to somebody else than it was asked to: a country, or nobody."""

    country: str | None


Step: TypeAlias = Done | Again | Elsewhere | Deferred | Refused | Unknown
