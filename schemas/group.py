"""One act on several cases: what is listed before, what is asked for, and an answer for each case.

They are those of one site, by its host's index and never by what a row looks like; or those that somebody chose, or
that a filter of the desk finds. Which are meant stands in the request, each with the version that was seen, and how
many they are is said once more by whoever asks: what was listed is what is done.
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from schemas.acts import Finding
from schemas.casefile import CaseSummary
from schemas.site import SiteView
from schemas.vocabulary import Assessment, Outcome
from schemas.word import Country, Given, Line, Name, Word

#: Cases of one request, and of one list.
MOST: Final = 500


class Grouped(StrEnum):
    """Acts that can be done to several cases of a site at once, by their names in the table of acts."""

    NOT_ILLEGAL = "not-illegal"
    CLOSE = "close"
    LOOK = "look"
    SEND = "send"
    REFER = "refer"
    RETRACE = "retrace"


class GroupSaid(Given):
    """What is done to each case of a group, and how many they are."""

    act: Grouped
    count: Annotated[int, Field(ge=1, le=MOST)]  #: as whoever asks counts them
    reason: Line | None = None  #: of `not-illegal` it may be left out
    outcome: Outcome | None = None  #: of `close`
    finding: Finding | None = None  #: of `look`
    partner: Name | None = None  #: of `refer`: a partner, or
    country: Country | None = None  #: whoever serves a country
    assessment: Assessment | None = None  #: of `send` and `refer`: what those are that nobody has assessed


class GroupRow(Given):
    """One case that is meant, as it was seen."""

    case: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    version: Annotated[int, Field(ge=0)]


class GroupAct(GroupSaid):
    """Body of `POST /v1/sites/{tag}` and of `POST /v1/several`."""

    rows: Annotated[tuple[GroupRow, ...], Field(min_length=1, max_length=MOST)]


class GroupCase(Word):
    """A case, and what the reader may do to it in a group."""

    case: CaseSummary
    seen: bool  #: whether the reader has revealed it
    proposal: tuple[str, ...] = ()  #: to whom `send` would send it
    acts: tuple[Grouped, ...] = ()


class GroupAnswer(Word):
    """What came of the act on one case."""

    case: str
    done: bool
    code: str | None = None  #: why it was refused
    text: str | None = None  #: the same in words


class Group(Word):
    """The open cases of a site, oldest first."""

    site: SiteView
    items: tuple[GroupCase, ...]
    more: bool = False  #: there are more than `items`: the next ones follow once some of these are closed


class Chosen(Word):
    """Cases that were chosen, or that a filter of the desk finds, in its order."""

    items: tuple[GroupCase, ...]
    more: bool = False  #: there are more than `items`: the next ones follow once these are done


class GroupAnswers(Word):
    """An answer for each case, in the order of the request."""

    items: tuple[GroupAnswer, ...]
    done: int
    refused: int
