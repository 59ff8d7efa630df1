"""The two bases of every word: `Word` for what we say ourselves, `Given` for what others say to us."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from schemas.countries import ALPHA2


class Word(BaseModel):
    """A value of ours: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Given(BaseModel):
    """A value from outside: frozen, closed and strict in its types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _known_country(code: str) -> str:
    if code not in ALPHA2:
        raise ValueError("this is not an ISO 3166-1 alpha-2 country code; use two capital letters such as 'NL'")
    return code


#: All of C0, DEL and C1 but tab and line ends, and what turns the direction of all text after it: a terminal obeys the
#: former, and a reader the latter. Patterns, because every line of every report passes here.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: Marks of direction that longer text of some languages needs, and one line does not.
_MARKS: Final = re.compile("[\u061c\u200e\u200f]")


def _one_line(text: str) -> str:
    if not text.isprintable():
        if any(mark in text for mark in "\t\n\r\u2028\u2029"):
            raise ValueError("write it on one line")
        if _MARKS.search(text):
            raise ValueError("control characters are not allowed")
    return text


def _no_control(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters are not allowed")
    return text


#: What a moment must look like, in words.
MOMENT_FORM: Final = "this must be a date and time with its offset from UTC, such as 2026-11-22T08:00:00Z"


def _written_out(given: object) -> object:
    """Refuse a number, also one in quotes: whether it counts seconds, days or years nobody can tell."""
    if isinstance(given, datetime) or (isinstance(given, str) and ":" in given):
        return given
    raise ValueError(MOMENT_FORM)


def _in_utc(given: datetime) -> datetime:
    try:
        return given.astimezone(UTC)
    except OverflowError:
        return given  # in the first or last year that there is; whoever reads it says what is wrong with that


def is_unsaid(value: object) -> bool:
    """Tell whether a field holds nothing. One that is left out then makes no other body of what an older version sent.

    For fields that came later: a report or a referral is known again by a digest of its JSON.
    """
    return value is None or value == ()


#: ISO 3166-1 alpha-2, officially assigned codes only.
Country = Annotated[str, AfterValidator(_known_country)]
#: A point in time with an offset; we keep and show UTC.
Instant = AwareDatetime
#: The same as others write it: its offset must stand there, and two spellings of one instant are one value.
GivenInstant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written_out), AfterValidator(_in_utc)]
#: One line of text that staff or a partner wrote.
Line = Annotated[
    str, StringConstraints(min_length=1, max_length=300), AfterValidator(_no_control), AfterValidator(_one_line)
]
#: Longer text that staff or a partner wrote.
Note = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_no_control)]
NAME_FORM: Final = r"^[a-z0-9][a-z0-9._-]{0,62}$"
#: A short machine name: source, partner, route.
Name = Annotated[str, StringConstraints(pattern=NAME_FORM)]
