"""Lists of the desk that people keep by name, for themselves or for the house."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from schemas.pages import DeskWanted, Due
from schemas.word import Given, Line, Word

#: Lists that one person keeps, and that the house shares.
MOST_VIEWS: Final = 20
ViewName = Annotated[Line, StringConstraints(max_length=40)]


class ViewGiven(Given):
    """A list to be kept: a name, and whether all may use it."""

    name: ViewName
    shared: bool = False


class ViewKept(ViewGiven):
    """Body of `POST /v1/desk/views`: a list to be kept, with what narrows it."""

    wanted: Annotated[DeskWanted, Field(strict=False)]


class ViewNamed(Given):
    """One that is kept, by its place."""

    slot: Annotated[int, Field(ge=0, lt=MOST_VIEWS)]
    shared: bool = False


class Count(Word):
    """How many there are; with `more`, at least so many."""

    n: int
    more: bool = False


class DeskCounts(Word):
    """How many a list of the desk would have by another choice of its filter. Empty where that is not cheap to know."""

    reasons: dict[str, Count] = Field(default_factory=dict)
    sources: dict[str, Count] = Field(default_factory=dict)
    countries: dict[str, Count] = Field(default_factory=dict)
    at_risk: Count | None = None
    due: dict[Due, Count] = Field(default_factory=dict)  #: only of the whole desk


class DeskView(Word):
    """A list that is kept."""

    slot: int
    name: str
    shared: bool
    wanted: DeskWanted
    count: Count | None = None  #: how many it has now
