"""The versions of the policy as people read them: who put which in force, and in what two of them differ."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from schemas.pages import Page
from schemas.word import Given, Word


class VersionView(Word):
    """One version: who put it in force and when, and who said yes beside them."""

    version: int
    at: AwareDatetime
    by: str  #: who put it in force
    proposed_by: str | None = None  #: who proposed what took two
    confirmed_by: str | None = None  #: the second yes; None where one was enough, or one did it alone (break-glass)
    same_as: int | None = None  #: the newest older version with the very same text: it was rolled back to
    in_force: bool = False


class VersionsView(Page):
    """The answer of `GET /v1/policy/versions`, newest first."""

    items: tuple[VersionView, ...]


class RouteKind(StrEnum):
    """What became of a route."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


class Reach(StrEnum):
    """Which cases a route takes, beside those it took."""

    SAME = "same"
    MORE = "more"
    FEWER = "fewer"
    OTHER = "other"  #: some that it did not take, and some no longer


class PartChange(Word):
    """One part that differs, each value as TOML writes it; None where there is none."""

    part: str  #: "when.has_hotline", "to", "barred.XX"; "before": the route that follows it
    was: str | None
    becomes: str | None


class RouteChange(Word):
    """One route that differs, and for whom that is more or less."""

    route: str
    kind: RouteKind
    reach: Reach
    parts: tuple[PartChange, ...] = ()
    more: tuple[str, ...] = ()  #: recipients as the route writes them, who get more by it
    less: tuple[str, ...] = ()  #: and who get less
    decides_for_others: bool = False  #: what it takes no route below it decides, or one does that did not


class ComparedView(Word):
    """The answer of `GET /v1/policy/versions/{version}/compare`: what `to` changes of `of`."""

    of: int
    to: int
    unread: tuple[int, ...] = ()  #: which of them today's rules for policies no longer read: only their texts differ
    routes: tuple[RouteChange, ...] = ()
    settings: tuple[PartChange, ...] = ()
    tests_added: tuple[str, ...] = ()
    tests_removed: tuple[str, ...] = ()
    widens: tuple[str, ...] = ()  #: why another person would have to confirm it
    text: tuple[str, ...] = ()  #: the lines of a unified diff


class RollBack(Given):
    """Body of `POST /v1/policy/versions/{version}/roll-back`."""

    over: Annotated[int, Field(ge=1)]  #: the version in force that was looked at
