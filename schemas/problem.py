"""What went wrong, as RFC 9457 says it: it names the field and the next step, and never echoes the input."""

import re
from typing import Final

from schemas.acts import SCOPE_FORM
from schemas.report import REFERENCE_FORM
from schemas.word import MOMENT_FORM, NAME_FORM, Word

#: Where pydantic's own words would not tell a person what to write.
_REWORDED: Final = {
    "json_invalid": "this is not JSON",
    "extra_forbidden": "this field is not known here; leave it out or check its spelling",
    "missing": "this field is required",
    "uuid_parsing": "this is not an id",
    "uuid_type": "this is not an id",
    "string_type": "this must be text",
    "tuple_type": "this must be a list",
    "datetime_type": MOMENT_FORM,
    "datetime_parsing": MOMENT_FORM,
    "datetime_from_date_parsing": MOMENT_FORM,
    "timezone_aware": MOMENT_FORM,
}
#: What a text of each form looks like, in words.
_FORMS: Final = {
    NAME_FORM: "write small letters, digits, '.', '_' and '-', beginning with a letter or digit",
    REFERENCE_FORM: "write it on one line, without control characters",
    SCOPE_FORM: "write `all`, `partner:NAME` or `route:NAME`",
}
#: "Input should be", "String should have", "List should have": their name for the thing is not the reader's.
_SUBJECT: Final = re.compile(r"^[A-Z]\w+ should\b")
#: What pydantic says beside a list's limit: when it counted, and how many there were.
_COUNTED: Final = re.compile(r" after validation, not \d+$")


def reworded(kind: str, said: str) -> str:
    """Return what pydantic found wrong (its type and message) as a sentence of ours. Neither quotes the input."""
    if kind == "string_pattern_mismatch":
        return next((words for form, words in _FORMS.items() if form in said), "this has not the form it must have")
    if "should have at least 1 " in said:
        return "this must not be empty"
    said = _COUNTED.sub("", said.removeprefix("Value error, "))
    return _REWORDED.get(kind) or _SUBJECT.sub("this must", said)


class FieldProblem(Word):
    """One thing that is wrong with what was sent."""

    field: str  #: JSON pointer (RFC 6901) into the body, or `query/NAME`, `path/NAME`, `header/NAME`
    message: str


class Problem(Word):
    """The body of every answer that is not a success (`application/problem+json`)."""

    type: str  #: `urn:referral-router:problem:CODE`, stable
    title: str
    status: int
    detail: str  #: what happened and what to do next
    reason: str  #: a finer code than `type`, stable
    errors: tuple[FieldProblem, ...] = ()
    request: str | None = None  #: name this to the operator; the log knows it
