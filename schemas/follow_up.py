"""How a referred case is followed: when it is looked at first, how often after that, and for how long."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from schemas.duration import Duration
from schemas.vocabulary import ActionReason, Assessment, SiteType
from schemas.word import Given, Name

#: The longest time between two looks: what is dated further off was dated by a clock that is wrong.
_LONGEST: Final = timedelta(days=80)


def _not_longer(given: timedelta) -> timedelta:
    if given > _LONGEST:
        raise ValueError(f"write {_LONGEST.days} days or fewer")
    return given


Between = Annotated[Duration, AfterValidator(_not_longer)]


class FollowUpRule(Given):
    """One exception to the policy's `follow_up`: of what, and its own times. What is not named is not asked."""

    partner: Annotated[tuple[Name, ...], Field(min_length=1, max_length=300)] | None = None
    assessment: Annotated[tuple[Assessment, ...], Field(min_length=1)] | None = None
    site_type: Annotated[tuple[SiteType, ...], Field(min_length=1)] | None = None
    reason: Annotated[tuple[ActionReason, ...], Field(min_length=1)] | None = None  #: of the partner's last word
    after: Between | None = None  #: the first look, counted from the partner's acceptance
    every: Between | None = None  #: each one after that
    until: Duration | None = None  #: so long after the case was opened no more looks follow by themselves

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.after is None and self.every is None and self.until is None:
            raise ValueError("say what is otherwise: `after`, `every` or `until`")
        return self


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a case is looked at."""

    after: timedelta
    every: timedelta
    until: timedelta


@dataclass(frozen=True, slots=True)
class Followed:
    """What a rhythm depends on: one partner that has the case, and what is known of it."""

    partner: str
    assessment: Assessment
    site_type: SiteType | None = None
    reason: ActionReason | None = None
    police: bool = False
