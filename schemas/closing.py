"""On what a case closes, as the policy says it, and the examples that it must close as its author meant.

`unavailable` (the host is gone, and nobody said removed) and `removed` (a partner, a provider or staff said or saw it)
are two outcomes. That a host was gone is the finding of one check, and no outcome.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from schemas.acts import Finding
from schemas.duration import Duration
from schemas.vocabulary import ActionType, Assessment
from schemas.word import Given, Line

#: Hours from the first of some checks to another: a year of them is more than any policy asks for.
Hours = Annotated[float, Field(ge=0, le=10_000)]


class RestsOn(StrEnum):
    """The rules by which a case closes; each closing says on which one it rests."""

    PARTNERS = "partners"  #: everybody who has it has ended it
    HOST_GONE = "host_gone"  #: it was gone in enough checks, far enough apart, and none between found it
    STAFF = "staff"  #: a person said so, or saw it


class Closing(Given):
    """The policy's closing rules. What a person says closes a case under any policy."""

    partners: bool = True  #: a final act of every partner that has it
    host_gone: bool = True
    gone_checks: Annotated[int, Field(ge=2, le=20)] = 3  #: SCART's rule of three (`SCART_BROWSE_ERROR_MAX`)
    gone_apart: Duration = timedelta(hours=24)
    #: also where each of its addresses refused our own request at so many checks: a host may keep out whom it knows
    refused: bool = False


class PartnerWord(Given):
    """The last final act of one partner that has the case; none when it is silent, or only began."""

    action: ActionType | None = None
    reason: Line | None = None
    referrer_missing: bool = False  #: the page opens by a referrer that this partner was not given
    overruled: bool = False  #: a person has seen it since, and said what it is


class Proof(Given):
    """All that is known of a case by which it could close."""

    assessment: Assessment = Assessment.BASELINE
    partners: Annotated[tuple[PartnerWord, ...], Field(max_length=200)] = ()
    unheard: bool = False  #: somebody who has it was not to be asked: its silence is no answer
    gone_hours: Annotated[tuple[Hours, ...], Field(max_length=1000)] = ()  #: checks in a row that found no host
    refused_hours: Annotated[tuple[Hours, ...], Field(max_length=1000)] = ()  #: the same, at which it refused us
    asked: bool = False  #: people have yet to answer something of it that must not be lost
    seen: Finding | None = None  #: what a person saw

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name, hours in (("gone_hours", self.gone_hours), ("refused_hours", self.refused_hours)):
            if list(hours) != sorted(hours):
                raise ValueError(f"`{name}` are in the order of the checks, the earliest first")
        return self


class GivenProof(Proof):
    """The proof of a policy's own test."""

    model_config = ConfigDict(strict=True)


class ClosingTest(Given):
    """One example: how the case ends, or that it does not."""

    name: Line | None = None
    given: GivenProof
    #: `disagreement`: it stays open, and people say again what it is.
    expect: Literal["removed", "unavailable", "not_illegal", "open", "disagreement"]
    rests_on: RestsOn | None = None  #: the rule that must close it; None: not looked at
