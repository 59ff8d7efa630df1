"""Who reports to us: what a source is given at first, what is changed later, and what is shown of it."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, HttpUrl, UrlConstraints, model_validator

from schemas.network import PrivateNetwork
from schemas.vocabulary import Lane, SourceKind
from schemas.word import Given, Name

#: Referrals that one partner gets of a source in a day (UTC).
Cap = Annotated[int, Field(gt=0, le=1_000_000)]

_LANES = {SourceKind.CRAWLER: Lane.BULK, SourceKind.POLICE: Lane.URGENT}

_PEOPLE = frozenset({SourceKind.PUBLIC, SourceKind.ANALYST, SourceKind.POLICE, SourceKind.PEER})


def is_of_house(kind: str) -> bool:
    """Tell whether a source of this kind may hear all that the house knows of its reports."""
    return kind == SourceKind.ANALYST


def _without_password(url: HttpUrl) -> HttpUrl:
    if url.username or url.password or url.fragment:
        raise ValueError("write the address without a user, a password or a fragment; the signature says who we are")
    return url


class StatusHook(Given):
    """Where a source hears of its own reports, and by which secrets it knows that it was us (`docs/status.md`)."""

    url: Annotated[
        HttpUrl, UrlConstraints(allowed_schemes=["https"], max_length=1000), AfterValidator(_without_password)
    ]
    secrets: Annotated[tuple[Name, ...], Field(min_length=1, max_length=4)]  #: their names; two while one is replaced
    networks: Annotated[tuple[PrivateNetwork, ...], Field(max_length=16)] = ()  #: closed ones where its address may be


class StatusGiven(Given):
    """Body of `POST /v1/sources/{name}/status`. Nothing takes the address away, at once."""

    hook: StatusHook | None = None


class StatusView(StatusHook):
    """Where a source hears of its reports, and how that goes."""

    waiting: int = 0  #: what it is to hear and has not yet, and whose time has come
    waiting_since: AwareDatetime | None = None  #: of the oldest of these
    failing: str | None = None  #: why the last attempt did not succeed, in a word
    given_up: int = 0  #: what it never heard, in the last week


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
    status: StatusView | None = None
    sent_today: dict[str, int] = Field(default_factory=dict)  #: partner -> referrals that counted against the cap
