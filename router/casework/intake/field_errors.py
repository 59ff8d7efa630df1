"""What cannot be read of a given word: each wrong field by its JSON pointer, in our words, and none of the input.

One report alone, a line of a batch and a verb that sends either say the same of the same fault.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from pydantic import ValidationError

from router.errors import BadInput
from schemas.problem import FieldProblem, reworded

#: What a key may look like to be named back to its sender; any other unknown key may be somebody's data.
_FIELD_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")

#: So many wrong fields are named: whoever sent more has another problem than its fields.
MOST_ERRORS: Final = 50

Location: TypeAlias = tuple[int | str, ...]


class Unreadable(BadInput):
    """What was sent cannot be used; each wrong field is named."""

    def __init__(self, errors: tuple[FieldProblem, ...], reason: str, more: int = 0) -> None:
        """Keep what is named as wrong; the first field is the error's own. `more` were found and are not named."""
        super().__init__(_sentence(errors, more), field=errors[0].field if errors else None, reason=reason)
        self.errors = errors


def unread(error: ValidationError) -> Unreadable:
    """Return what a word of ours found wrong with what was given."""
    return unreadable(error.errors(include_url=False, include_input=False, include_context=False))


def unreadable(found: Sequence[Any]) -> Unreadable:
    """Return what pydantic found wrong (its list of errors), without any of the input."""
    if any(one["type"] == "json_invalid" for one in found):
        return Unreadable((FieldProblem(field="", message=reworded("json_invalid", "")),), "not_json")
    # Cut before anything is compared with everything: a body may be wrong in as many places as it has bytes.
    named = found[:MOST_ERRORS]
    wrong = [one for one in named if not _only_echoes(one["loc"], named)]
    problems = tuple(_field_problem(one["loc"], one["type"], one["msg"]) for one in wrong)
    return Unreadable(problems, "invalid_field", more=len(found) - len(named))


def _only_echoes(location: Location, found: Iterable[Any]) -> bool:
    """Return whether something inside this location is wrong: a list is then called too short as well."""
    return any(len(one["loc"]) > len(location) and one["loc"][: len(location)] == location for one in found)


def _field_problem(location: Location, kind: str, said: str) -> FieldProblem:
    return FieldProblem(field=pointer(nameable(str(part) for part in location)), message=reworded(kind, said))


def nameable(parts: Iterable[str]) -> list[str]:
    """Return the parts of a place that may be named back: numbers, and what looks like a field of ours."""
    return [part for part in parts if part.isdigit() or _FIELD_NAME.fullmatch(part)]


def pointer(parts: Iterable[str]) -> str:
    """Return a JSON pointer (RFC 6901) to a field of the body; a parameter keeps its place as first part."""
    parts = list(parts)
    if parts[:1] == ["body"]:
        parts = parts[1:]
    if parts[:1] and parts[0] in {"query", "path", "header", "cookie"}:
        return "/".join(parts)
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _sentence(errors: tuple[FieldProblem, ...], more: int) -> str:
    if not errors:
        return "What was sent cannot be used."
    first, others = errors[0], len(errors) - 1 + more
    rest = f" (and {others} more)" if others else ""
    where = f"`{first.field}`: " if first.field else ""
    return f"{where}{first.message}{rest}"
