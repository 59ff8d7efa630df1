import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from router.casework.intake.field_errors import MOST_ERRORS, Unreadable, pointer, unread, unreadable
from schemas.report import ReportGiven
from tests.office import report


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (["items", "0", "location"], "/items/0/location"),
        (["body", "reason"], "/reason"),
        (["a/b", "c~d"], "/a~1b/c~0d"),
        (["query", "limit"], "query/limit"),
        ([], ""),
    ],
)
def test_pointers(parts: list[str], found: str) -> None:
    assert pointer(parts) == found


def wrong(text: str, word: type[BaseModel] = ReportGiven) -> Unreadable:
    with pytest.raises(ValidationError) as caught:
        word.model_validate_json(text)
    return unread(caught.value)


def test_every_wrong_field_is_named() -> None:
    found = wrong(json.dumps(report(urgency="x", memo="", items=[{"location": "a", "kind": "b"}])))
    assert {one.field for one in found.errors} == {"/urgency", "/memo", "/items/0/kind"}
    assert found.message.endswith("(and 2 more)")


def test_a_missing_field_is_named() -> None:
    assert [one.field for one in wrong("{}").errors] == ["/source", "/reference", "/received_at", "/items"]


@pytest.mark.parametrize("key", ["https://example.com/x", "anna@example.com", "a b", "x" * 41, "é", "1a"])
def test_an_unknown_key_that_may_be_data_is_not_named(key: str) -> None:
    found = wrong(json.dumps(report(**{key: 1})))
    assert key not in found.message
    assert [one.field for one in found.errors] == [""]
    assert "not known here" in found.errors[0].message


def test_a_parameter_keeps_its_place() -> None:
    raw = [{"type": "int_parsing", "loc": ("query", "limit"), "msg": "Input should be a valid integer", "input": "x"}]
    assert unreadable(raw).errors[0].field == "query/limit"


@given(st.lists(st.sampled_from(["{}", '{"x":1}', "1", '{"location":"a","kind":1}', '{"location":[[]]}']), min_size=1))
def test_however_much_is_wrong_a_page_of_it_is_named(items: list[str]) -> None:
    many = [items[number % len(items)] for number in range(1_500)]
    started = time.process_time()
    found = wrong('{"items":[' + ",".join(many) + "]}")
    assert time.process_time() - started < 2
    assert len(found.errors) <= MOST_ERRORS
    assert int(found.message.rpartition("(and ")[2].removesuffix(" more)")) > 1_000
