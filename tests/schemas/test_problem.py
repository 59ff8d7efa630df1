"""What pydantic finds wrong is told in our words, the same in every room, and never with what was sent."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.acts import Hold, StopGiven, TokenGiven
from schemas.problem import reworded
from schemas.report import ReportGiven
from schemas.source import SourceGiven

MOMENT = "this must be a date and time with its offset from UTC, such as 2026-11-22T08:00:00Z"


def said(word: Any, **given: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        word.model_validate(given)
    first = refused.value.errors(include_url=False, include_input=False)[0]
    return reworded(first["type"], first["msg"])


@pytest.mark.parametrize(
    ("word", "given", "words"),
    [
        (Hold, {"reason": ""}, "this must not be empty"),
        (Hold, {"reason": "x" * 301}, "this must have at most 300 characters"),
        (Hold, {"reason": "a\nb"}, "write it on one line"),
        (Hold, {}, "this field is required"),
        (Hold, {"reason": "x", "version": -1}, "this must be greater than or equal to 0"),
        (Hold, {"reason": "x", "why": 1}, "this field is not known here; leave it out or check its spelling"),
        (Hold, {"reason": 1}, "this must be text"),
        (Hold, {"reason": "x", "until": "2026-11-22T08:00:00"}, MOMENT),
        (Hold, {"reason": "x", "until": "yesterday"}, MOMENT),
        (TokenGiven, {"name": "x", "scopes": ("x",) * 33}, "this must have at most 32 items"),
        (TokenGiven, {"name": "x", "scopes": "x"}, "this must be a list"),
        (ReportGiven, {"source": "form", "reference": "a\nb"}, "write it on one line, without control characters"),
        (StopGiven, {"scope": "everything", "reason": "x"}, "write `all`, `partner:NAME` or `route:NAME`"),
        (
            SourceGiven,
            {"name": "Bad Name", "kind": "public"},
            "write small letters, digits, '.', '_' and '-', beginning with a letter or digit",
        ),
    ],
)
def test_what_is_wrong_is_said_in_our_words(word: Any, given: dict[str, Any], words: str) -> None:
    assert said(word, **given) == words


def test_an_unknown_form_is_not_shown_as_a_pattern() -> None:
    assert reworded("string_pattern_mismatch", "String should match pattern '^x$'") == (
        "this has not the form it must have"
    )
