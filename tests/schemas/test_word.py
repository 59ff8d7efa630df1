"""Moments that others write: with an offset, or refused; and one instant is one value however it is written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas import account, acts, report, source
from schemas.acts import Hold
from schemas.report import Reference
from schemas.word import Given, Line, Note


def until(text: str) -> datetime | None:
    return Hold.model_validate_json(f'{{"reason": "x", "until": {text}}}').until


@pytest.mark.parametrize(
    "text",
    [
        '"1122091200"',
        '"1122091200.5"',
        '"-1"',
        "1122091200",
        "1122091200.0",
        '"2026-11-22"',
        '"2026-11-22T08:00:00"',
        '"2026-11-22T08:00"',
        '"08:00:00Z"',
        '"yesterday"',
        '""',
    ],
)
def test_a_moment_without_date_time_and_offset_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        until(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_the_ends_of_the_calendar_are_moments(text: str) -> None:
    assert until(f'"{text}"') == datetime.fromisoformat(text)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - an offset is drawn beside it
    st.integers(-14 * 60, 14 * 60),
    st.integers(-14 * 60, 14 * 60),
)
def test_one_instant_is_one_value_whatever_its_offset(moment: datetime, one: int, other: int) -> None:
    instant = moment.replace(tzinfo=UTC)
    written = [_written(instant, minutes) for minutes in (one, other)]
    found = [Hold.model_validate_json(f'{{"reason": "x", "until": "{text}"}}') for text in written]
    assert found[0].model_dump_json() == found[1].model_dump_json()
    assert found[0].until == instant


def _written(instant: datetime, minutes: int) -> str:
    local = instant.replace(tzinfo=None) + timedelta(minutes=minutes)
    sign, left = ("-" if minutes < 0 else "+"), abs(minutes)
    return f"{local.isoformat()}{sign}{left // 60:02}:{left % 60:02}"


#: What a terminal obeys (C0 but tab and line ends, DEL, C1), and what turns the direction of a text.
_BLOCKS = (range(9), (11, 12), range(14, 32), range(0x7F, 0xA0), range(0x202A, 0x202F), range(0x2066, 0x206A))
ORDERS = "".join(chr(one) for block in _BLOCKS for one in block)
MARKS = "\u061c\u200e\u200f"
LINE, NOTE, REFERENCE = TypeAdapter(Line), TypeAdapter(Note), TypeAdapter(Reference)
ordinary = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters=ORDERS + MARKS))


@given(ordinary, st.sampled_from(ORDERS), ordinary)
def test_no_text_that_others_write_holds_an_order(before: str, order: str, after: str) -> None:
    for kind in (LINE, NOTE, REFERENCE):
        with pytest.raises(ValidationError):
            kind.validate_python(before[:90] + order + after[:90])


@given(ordinary, st.sampled_from(MARKS + "\t\n\r\u2028\u2029"), ordinary)
def test_one_line_has_no_marks_of_direction_and_one_end(before: str, mark: str, after: str) -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python(before[:90] + mark + after[:90])


@given(ordinary.filter(bool))
def test_any_other_text_is_taken_as_it_is(text: str) -> None:
    for kind in (LINE, NOTE, REFERENCE):
        assert kind.validate_python(text[:200]) == text[:200]


def test_longer_text_may_be_of_any_language() -> None:
    hebrew, arabic = "\u05e2\u05d1\u05e8\u05d9\u05ea", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629"
    text = f"\u200f{hebrew}\u200f (https) \u061c {arabic}\n\t{arabic}"
    assert NOTE.validate_python(text) == text


WORDS = [word for module in (acts, report, account, source) for word in vars(module).values()
         if isinstance(word, type) and issubclass(word, Given) and word is not Given]  # fmt: skip


@pytest.mark.parametrize("word", sorted(WORDS, key=lambda word: word.__name__), ids=lambda word: word.__name__)
def test_every_text_that_others_write_is_one_of_these(word: type[Given]) -> None:
    """A field that is bare `str` in what is given to us would take anything."""
    bare = [name for name, field in word.model_fields.items() if field.annotation is str and not field.metadata]
    assert bare == [] or word.__name__.endswith(("View", "Issued", "Taken", "Invitation"))
