"""What pydantic finds wrong is told in our words, the same in every room, and never with what was sent."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.acts import Hold, StopGiven
from schemas.problem import reworded
from schemas.source import SourceGiven


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
