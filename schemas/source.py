"""Who reports to us: what a source is given at first, what is changed later, and what is shown of it."""

from typing import Annotated

from pydantic import AwareDatetime, Field, model_validator

from schemas.vocabulary import Lane, SourceKind
from schemas.word import Given, Name

#: Referrals that one partner gets of a source in a day (UTC).
Cap = Annotated[int, Field(gt=0, le=1_000_000)]

_LANES = {SourceKind.CRAWLER: Lane.BULK, SourceKind.POLICE: Lane.URGENT}

_PEOPLE = frozenset({SourceKind.PUBLIC, SourceKind.ANALYST, SourceKind.POLICE, SourceKind.PEER})


class SourceGiven(Given):
    """Body of `POST /v1/sources`. Without a lane it gets its kind's: a crawler never comes before a citizen."""

    name: Name
    kind: SourceKind
    assesses: bool = False  #: whether what it says of the material counts
    lane: Lane | None = None
    daily_cap: Cap | None = None
    may_ring: bool | None = None  #: whether its reports wake somebody up; None is as its kind: people and police

    @property
    def rings(self) -> bool:
        """Return whether its reports may ring."""
        return self.kind in _PEOPLE if self.may_ring is None else self.may_ring

    @property
    def placed(self) -> Lane:
        """Return the lane its reports wait in."""
        return self.lane or _LANES.get(self.kind, Lane.NORMAL)


class SourceChange(Given):
    """Body of `POST /v1/sources/{name}`: what is named changes, for the reports that come from now on.

    The daily cap is the exception: it holds at once for what waits already. `uncapped` takes it away.
    """

    kind: SourceKind | None = None
    assesses: bool | None = None
    lane: Lane | None = None
    daily_cap: Cap | None = None
    may_ring: bool | None = None
    uncapped: bool = False

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "SourceChange":
        if self.uncapped and self.daily_cap is not None:
            raise ValueError("a source has a daily cap or is uncapped")
        return self


class SourceView(Given):
    """A source as it is listed."""

    #: after a backup was put back: what the source sent since this moment it sends again; None when nothing was lost
    send_again_since: AwareDatetime | None = None

    name: str
    kind: SourceKind
    assesses: bool
    lane: Lane
    daily_cap: int | None = None
    may_ring: bool = False  #: whether its reports wake somebody up
    sent_today: dict[str, int] = Field(default_factory=dict)  #: partner -> referrals that counted against the cap
