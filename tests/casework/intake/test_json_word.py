"""JSON is read strictly: every wrong field is named, and no key may stand twice."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.casework.intake.field_errors import Unreadable
from router.casework.intake.json_word import check_keys, parse
from router.errors import BadInput
from schemas.report import ReportGiven
from tests.office import report

UNASSESSED, HANDLE = '{"value": "unassessed"}', "/items/0/account/handle"
WHOLE = json.dumps(report("r-1", "https://example.test/"))


def refused(text: str) -> Unreadable:
    with pytest.raises(Unreadable) as raised:
        parse(text.encode(), ReportGiven)
    return raised.value


def test_a_whole_report_is_read_with_or_without_the_mark_before_utf8() -> None:
    read = parse(WHOLE.encode(), ReportGiven)
    assert parse(b"\xef\xbb\xbf" + WHOLE.encode(), ReportGiven) == read
    assert read.reference == "r-1"


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ('"reference"', '"urgency": "imminent_risk", "urgency": "none", "reference"', "/urgency"),
        ('"reference"', '"urg\\u0065ncy": "imminent_risk", "urgency": "none", "reference"', "/urgency"),
        ('"location"', '"location": "https://other.test/", "location"', "/items/0/location"),
        ('"items"', '"items": [], "items"', "/items"),
        (
            '"reference"',
            '"assessment": {"value": "unassessed"}, "assessment": {"value": "unassessed"}, "reference"',
            "/assessment",
        ),
        (
            '"location"',
            '"account": {"platform": "a", "handle": "b", "handle": "c"}, "location"',
            "/items/0/account/handle",
        ),
    ],
)
def test_a_key_that_stands_twice_is_named(before: str, after: str, field: str) -> None:
    error = refused(WHOLE.replace(before, after, 1))
    assert (error.reason, error.field, error.status) == ("duplicate_key", field, 422)
    assert "other.test" not in error.message


def test_the_same_key_in_two_objects_is_no_repetition() -> None:
    item = '{"location": "https://a.test/"}, {"location": "https://b.test/"}'
    text = WHOLE.replace('"items": [', f'"items": [{item}, ', 1)
    assert len(parse(text.encode(), ReportGiven).items) == 3


@pytest.mark.parametrize("memo", ['say "urgency": no', "a\\", '": "', ":", '\\":', '","reference":"x'])
def test_what_stands_in_a_text_is_no_key(memo: str) -> None:
    text = WHOLE[:-1] + f', "memo": {json.dumps(memo)}, "note_to_partner": {json.dumps(memo)}}}'
    assert parse(text.encode(), ReportGiven).memo == memo


class Pairs(list[tuple[str, object]]):
    """An object as it is written: its keys may stand twice."""


_values = st.recursive(
    st.none() | st.integers() | st.text('ab":\\, {}', max_size=6),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.lists(st.tuples(st.sampled_from(["a", "b", ":", '"a', "a\\", "\u00e9"]), inside), max_size=3).map(Pairs)
    ),
    max_leaves=12,
)


def written(value: object, colon: str) -> str:
    if isinstance(value, Pairs):
        return "{" + ",".join(f"{json.dumps(key)}{colon}{written(one, colon)}" for key, one in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(one, colon) for one in value) + "]"
    return json.dumps(value)


def repeats(value: object) -> bool:
    if isinstance(value, Pairs):
        names = [key for key, _ in value]
        return len(set(names)) < len(names) or any(repeats(one) for _, one in value)
    return isinstance(value, list) and any(repeats(one) for one in value)


@given(_values, st.sampled_from([":", ": ", " :", "\t: ", "\n:", "\r\n :\n"]))
def test_any_object_is_refused_just_when_a_key_of_it_is_repeated(value: object, colon: str) -> None:
    text = written(value, colon).encode()
    if repeats(value):
        with pytest.raises(BadInput):
            check_keys(text)
    else:
        check_keys(text)
