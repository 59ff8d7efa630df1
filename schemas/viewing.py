"""Viewing sessions: a list taken from the desk to a closed room on another network, and what was seen there.

What goes out is a file encrypted to the room's OpenPGP key; what comes back is a table that names no location, each
line by a token of its own. The same words hold for a session that is worked on screen.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, Field, StringConstraints

from schemas.alarm import Duration, Written
from schemas.casefile import DeskCode
from schemas.pages import Page, SourceName
from schemas.word import Country, Given, Line, Name, Word

#: Lines of one session, whatever a house sets; and of one table that comes back.
MOST: Final = 200
#: Letters only, without vowels: no spreadsheet takes one for a number or a date, and none spells a word.
LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
SESSION_FORM: Final = f"^S-[{LETTERS}]{{7}}$"
TOKEN_FORM: Final = f"^[{LETTERS}]{{12}}$"
#: Where a page of the list of sessions ended: whether the last one was open, and its name.
SessionPlace = Annotated[str, StringConstraints(pattern=f"^[01]\\.{SESSION_FORM[1:]}")]
SessionName = Annotated[str, StringConstraints(pattern=SESSION_FORM)]
CaseId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


class ViewingSettings(Written):
    """The table `[viewing]` of `router.toml`. Keys are named, as files in the folder `secrets`."""

    certificate: Name | None = None  #: the room's OpenPGP key, armoured: session files are encrypted to it
    signing: Name | None = None  #: our secret key that signs them, as `gpg --export-secret-keys` writes it
    signing_password: Name | None = None
    #: how long what is in a session stays with whoever took it
    lasts: Annotated[Duration, Field(ge=timedelta(minutes=15), le=timedelta(days=3))] = timedelta(hours=8)
    most: Annotated[int, Field(ge=1, le=MOST)] = 50  #: locations of one session


class Ended(StrEnum):
    """How a session ended."""

    CLOSED = "closed"
    LOST = "lost"  #: its file, or what was made of it


class ViewingAsked(Given):
    """Body of `POST /v1/viewings`: these cases, or what of the desk; empty for the whole desk, urgent first."""

    cases: Annotated[tuple[CaseId, ...], Field(max_length=MOST)] = ()
    reason: DeskCode | None = None
    country: Country | None = None
    source: SourceName | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] | None = None  #: None is as many as the house lets one take
    on_screen: bool = False  #: nothing is exported: each is revealed on its page


class LostSaid(Given):
    """Body of `POST /v1/viewings/{name}/lost`: what happened."""

    reason: Line


class Results(Given):
    """Body of `POST /v1/viewings/results`: the table as a spreadsheet writes it (CSV), its columns known ones only."""

    table: Annotated[str, StringConstraints(min_length=1, max_length=512 * 1024)]


class LeftOut(Word):
    """A location that was asked for and is not in the session."""

    case: str
    dossiers: tuple[str, ...] = ()
    code: str
    text: str  #: why, and what to do about it


class ViewingView(Word):
    """A session as lists show it."""

    name: str
    by: str  #: whose it is
    opened_at: AwareDatetime
    until: AwareDatetime  #: from then on others may take what is in it
    on_screen: bool
    room: str | None = None  #: the fingerprint of the key that its file is encrypted to
    digest: str | None = None  #: SHA-256 of that file
    lines: int
    done: int
    overdue: bool  #: its time is over, and something has no result
    ended_as: Ended | None = None
    ended_at: AwareDatetime | None = None
    ended_by: str | None = None


class ViewingLine(Word):
    """A line of a session."""

    line: int
    token: str
    case: str
    dossiers: tuple[str, ...]
    done: bool


class ViewingFile(Word):
    """A session with its lines."""

    session: ViewingView
    lines: tuple[ViewingLine, ...]


class Viewings(Page):
    """A page of the sessions: those that are open first, then those that ended, the newest first of each."""

    items: tuple[ViewingView, ...]


class ViewingMade(Word):
    """A session just begun. Its file is given here and never again: it is kept nowhere."""

    session: ViewingView
    left_out: tuple[LeftOut, ...] = ()
    file_name: str | None = None
    file: str | None = None  #: base64 of the encrypted file; null on screen


class LineAnswer(Word):
    """What came of one row of a table."""

    row: int  #: its number in the table; the line of columns is row 1
    line: int | None = None  #: of the session
    dossiers: tuple[str, ...] = ()
    case: str | None = None
    done: bool
    code: str | None = None  #: why it was refused, or what else is to be known
    text: str | None = None  #: the same in words, with what to do


class LineAnswers(Word):
    """An answer for each row, in their order; `empty` ones say nothing and stay in their session."""

    items: tuple[LineAnswer, ...]
    done: int
    refused: int
    empty: int
