"""Where a referral stands at the hub: what is kept of it from one turn to the next, and what a turn came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import AwareDatetime, Field

from router.partners.base import Deferred, Refused, Unknown
from schemas.word import Country, Word


class Gathering(Word):
    """A referral of which the hub has nothing yet: it waits for what goes in the same report."""

    due: AwareDatetime  #: when it goes, with what is there by then
    ready: bool = False  #: whether it is reported by the next call, and not before: only then may the hub have it
    alone: bool = False  #: whether it goes by itself: the hub did not take it together with others


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
    source: bool = True  #: whether it is what the report is about; else a file that was reported with its page
    url: str | None = None  #: of such a file, as we wrote it; the hub may write it in its own way
    #: What we reported with it, each a referral of its own: reference to URL, as we wrote it.
    others: Mapping[str, str] = Field(default_factory=dict)
    siblings: tuple[int, ...] = ()  #: their contents, as far as they were met


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
