"""Where a referral stands at the hub: what is kept of it from one turn to the next, and what a turn came to."""

from dataclasses import dataclass
from typing import TypeAlias

from pydantic import AwareDatetime

from router.partners.base import Deferred, Refused, Unknown
from schemas.word import Country, Word


class Standing(Word):
    """What the hub has of one referral. Everything else is read from the hub itself, so no step is done twice."""

    report: int  #: the report's id there
    target: Country  #: who is to deal with it
    hosted_in: Country | None = None  #: where we said that it is
    reported_at: AwareDatetime  #: when we learnt it
    content: int | None = None  #: our content's id there
    told: bool = False  #: whether the hub has our assessment and what we know about the source
    asked_at: AwareDatetime | None = None  #: when the hub took it that `target` is to have it
    given: bool = False  #: whether the hub said that `target` has it
    placed: tuple[int, ...] = ()  #: what else is in the report, and somebody else has or is to stay where it is


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


Result: TypeAlias = Done | Again | Elsewhere | Deferred | Refused | Unknown
