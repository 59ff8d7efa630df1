"""Lists of the desk that people keep by name, for themselves or for the house."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from schemas.pages import DeskWanted
from schemas.word import Given, Line, Word

#: Lists that one person keeps, and that the house shares.
MOST_VIEWS: Final = 20
ViewName = Annotated[Line, StringConstraints(max_length=40)]


class ViewGiven(Given):
    """A list to be kept: a name, and whether all may use it."""

    name: ViewName
    shared: bool = False


class ViewNamed(Given):
    """One that is kept, by its place."""

    slot: Annotated[int, Field(ge=0, lt=MOST_VIEWS)]
    shared: bool = False


class DeskView(Word):
    """A list that is kept."""

    slot: int
    name: str
    shared: bool
    wanted: DeskWanted
