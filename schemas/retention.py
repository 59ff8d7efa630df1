"""How long what is known of a closed case is kept, and what is said of it when it is erased."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, StringConstraints, model_validator

from schemas.duration import Duration
from schemas.report import Reference
from schemas.word import Given, Line, Word


class Kept(StrEnum):
    """What is kept for a time of its own, in the order in which it goes."""

    HANDLES = "handles"  #: accounts that shared material, and what partners were sent, which holds them
    URLS = "urls"  #: the location, its host and addresses, what a source and people wrote of it
    CASES = "cases"  #: the case itself: its dates, countries, referrals and outcome


class Held(StrEnum):
    """Why a case is kept beyond its time."""

    LEGAL_HOLD = "legal_hold"  #: a person said so
    POLICE = "police"  #: police have it, and have not ended it
    EMBARGO = "embargo"
    UNDER_WAY = "under_way"  #: something of it is still being sent or taken back


class Retention(Given):
    """The periods, counted from the day on which a case was closed, or from the end of what held it."""

    handles: Duration
    urls: Duration
    cases: Duration
    audit: Duration  #: entries of the audit chain: what they say of a case names no location, and nothing is cut out

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        periods = [self.handles, self.urls, self.cases, self.audit]
        if periods != sorted(periods):
            raise ValueError("`handles` may not outlast `urls`, nor these `cases`, nor these `audit`")
        if self.handles < timedelta(days=1):
            raise ValueError("a period is a day or longer")
        return self

    def of(self, kept: Kept) -> timedelta:
        """Return the period of one of them."""
        period: timedelta = getattr(self, kept.value)
        return period


class PurgeGiven(Given):
    """Body of `POST /v1/purge`."""

    dry_run: bool = False
    after: Annotated[str, StringConstraints(max_length=100)] | None = None  #: the `next` of the part before


class PurgeView(Word):
    """What a part of a purge erased, or would erase: many cases are erased in several parts, each an answer soon."""

    at: AwareDatetime
    dry_run: bool
    erased: dict[Kept, int]  #: cases of which it was erased
    held: dict[Held, int]  #: cases whose time is over and that are kept, by the first reason
    lost: int = 0  #: referrals of cases that a restore lost and nobody reported again, which are forgotten
    requests: int = 0  #: closed requests of people about themselves, kept as long as cases are
    reasons: int = 0  #: what was typed with acts that are of no case, kept as long as the audit is said to be
    next: str | None = None  #: where the next part begins, for `after`; null once all was looked at
    stopped: Line | None = None  #: why nothing is erased: a clock that is not believed, or no periods


class ErasureView(Word):
    """What one purge erased of one kind: counts, and nothing of what it was."""

    at: AwareDatetime
    by: str
    kept: Kept
    cases: int
    outcomes: dict[str, int]
    sources: dict[str, int]
    countries: dict[str, int]


class HoldGiven(Given):
    """Body of `POST /v1/holds`: a case that is kept for a court, an auditor or a person's request."""

    case: Reference
    reason: Line


class HoldEnds(Given):
    """Body of `POST /v1/holds/{case_id}/end`."""

    reason: Line


class HoldView(Word):
    """A legal hold."""

    case: str
    since: AwareDatetime
    by: str
