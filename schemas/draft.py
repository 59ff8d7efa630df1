"""A rule drafted from what a person decided by hand: what is asked for, and what comes of it."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.decision import Mode
from schemas.governed import MOST_REPLAYED, ChangedView
from schemas.playground import FailedTest
from schemas.word import Given, Name, Word


class Scope(StrEnum):
    """For which cases a drafted rule holds: all that share this with the one it was drafted from."""

    HOST = "host"
    NETWORK = "network"
    OPERATOR = "operator"
    SOURCE = "source"


class DraftGiven(Given):
    """Body of `POST /v1/policy/draft`."""

    case: UUID
    scope: Scope
    partner: Name | None = None  #: None: whom the last override chose
    mode: Mode = Mode.AUTOMATIC
    limit: Annotated[int, Field(ge=1, le=MOST_REPLAYED)] = 1000  #: of how many of the last decisions the effect is told


class DraftView(Word):
    """The drafted rule, and what it would have changed. Nothing is in force by asking."""

    case: str
    scope: Scope
    partner: str
    name: str
    before: str | None  #: the route that it corrects
    route: str
    test: str
    text: str  #: the whole policy, to be published
    widens: tuple[str, ...]  #: why another person confirms it
    over: int  #: the version that it was drafted from
    limit: int
    kinds: dict[str, int]  #: how many decisions it would have changed, by kind
    changed: tuple[ChangedView, ...]
    failed: tuple[
        FailedTest, ...
    ] = ()  #: of the tests of the whole text, with the partners of today: nobody may publish it


class Publish(DraftGiven):
    """The form by which a supervisor publishes a draft as they saw it."""

    over: int  #: the version it was drafted from
