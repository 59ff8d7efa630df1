"""Text in, a policy out, or every error that was found with its line. Nothing is corrected, guessed or ignored."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError

from router.bounds import read_toml
from router.errors import PolicyInvalid
from router.policy.faults import faults
from router.policy.judge import COUNTRY_FACTS
from router.policy.places import Loc, line_of, place_of
from schemas.closing import Closing, ClosingTest, PartnerWord, Proof
from schemas.facts import Facts
from schemas.follow_up import FollowUpRule
from schemas.governed import MAX_CHARACTERS
from schemas.partner import Directory
from schemas.policy import HOME, Policy, PolicyProblem, PolicyTest, Route, When
from schemas.problem import reworded
from schemas.retention import Retention
from schemas.trace import VerdictKind

#: So many problems are told of: more help nobody, and each costs a search for its line.
MOST_PROBLEMS: Final = 50
#: Characters of a key, and of a sentence that quotes a value: either may be as long as the text.
_LONGEST_KEY: Final = 80
_LONGEST_WORDS: Final = 400
#: Follow-on errors: said only when nothing better was said of the same place or inside it.
_ECHOES: Final = frozenset({"too_short", "bool_type"})
#: Tables of which a policy has one.
_TABLES: Final[dict[str, type[BaseModel]]] = {"closing": Closing, "retention": Retention}
_DAY: Final = "write a day, such as 2026-11-22"
#: What TOML says in its own way.
_SENTENCES: Final = {
    "missing": "is missing",
    "tuple_type": "write a list in [ ]",
    "bool_type": "write true or false",
    "string_type": "write text in quotes",
    "dict_type": "write a table",
    "model_type": "write a table in { }",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "json_invalid": "holds a character or a number that no text of ours may hold",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}


class _Wrong(NamedTuple):
    """One thing that does not validate: where in the text, and pydantic's kind and words."""

    loc: Loc
    kind: str
    words: str


def load(text: str, directory: Directory | None = None) -> Policy:
    """Return the policy. With the directory, partners' names must be known there.

    Raise PolicyInvalid with every problem found; its `problems` carry line, place and what to write instead.
    """
    policy = _read(text)
    if found := list(islice(faults(policy, directory), MOST_PROBLEMS)):
        data = _parse(text)
        raise _invalid([_problem(text, data, loc, words) for loc, words in found])
    return policy


@lru_cache(4)  # the one in force and the next: either is asked for whenever it is followed or a directory changes
def _read(text: str) -> Policy:
    data = _parse(text)
    try:
        # Through JSON, because strict validation of Python values would want tuples and enum members.
        return Policy.model_validate_json(json.dumps(_with_completed_tests(data), default=str))
    except ValidationError as error:
        found = list(_without_echoes(_wrongs(error, data)))
        raise _invalid([_problem(text, data, loc, words) for loc, words in found]) from None


def _parse(text: str) -> dict[str, Any]:
    try:
        return read_toml(text, MAX_CHARACTERS)
    except ValueError as error:
        raise _invalid([PolicyProblem(place="the policy", text=f"is not valid TOML: {error}")]) from None


def completed(given: dict[str, Any], home: Any) -> dict[str, Any]:
    """Return facts as a test or a person gives them, with "home" read and the verdict that a hosting country implies.

    In real facts a hosting country is set only with the verdict `country`; an example need not repeat it.
    """
    read = {key: home if key in COUNTRY_FACTS and value == HOME else value for key, value in given.items()}
    return {"verdict": VerdictKind.COUNTRY.value, **read} if read.get("hosting_country") else read


def _with_completed_tests(data: dict[str, Any]) -> dict[str, Any]:
    tests = data.get("tests")
    if not isinstance(tests, list):
        return data
    return {**data, "tests": [_completed_test(test, data.get("home")) for test in tests]}


def _completed_test(test: Any, home: Any) -> Any:
    if not isinstance(test, dict) or not isinstance(given := test.get("given"), dict):
        return test
    return {**test, "given": completed(given, home)}


def _wrongs(error: ValidationError, data: dict[str, Any]) -> list[_Wrong]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        _Wrong(_in_the_text(one["loc"], data), one["type"], one["msg"][:_LONGEST_WORDS])
        for one in found[:MOST_PROBLEMS]
    ]


def _without_echoes(wrongs: list[_Wrong]) -> Iterator[tuple[Loc, str]]:
    for loc, kind, words in wrongs:
        inside = [other for other in wrongs if other.loc[: len(loc)] == loc and other.kind not in _ECHOES]
        if kind in _ECHOES and inside:
            continue
        known = kind == "tuple_type" and any(other.kind == "bool_type" for other in wrongs if other.loc == loc)
        yield loc, _sentence(loc, kind, words) + (", or true (it is known) or false (it is not)" if known else "")


def _in_the_text(loc: Loc, data: Any) -> Loc:
    """Return the way without the parts that are pydantic's own: the arms of unions, `[key]`."""
    kept: list[str | int] = []
    for part in loc:
        if isinstance(part, str) and not isinstance(data, dict):
            continue
        kept.append(part)
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            data = None
    return tuple(part[:_LONGEST_KEY] if isinstance(part, str) else part for part in kept)


def _sentence(loc: Loc, kind: str, words: str) -> str:
    if kind == "extra_forbidden":
        return _unknown_key(loc)
    if loc == ("tests",) and kind in {"missing", "too_short"}:
        return "a policy carries its own tests: write at least one [[tests]]"
    return _SENTENCES.get(kind) or reworded(kind, words).replace("this must", "must")


def _unknown_key(loc: Loc) -> str:
    key, known = str(loc[-1]), _known_keys(loc)
    close = get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {close[0]}?" if close else f"unknown key; known are {', '.join(known)}"


def _known_keys(loc: Loc) -> list[str]:
    match loc:
        case ("route", int(), "when", *_):
            model: Any = When
        case ("route", *_, _) if len(loc) > 1:
            model = Route
        case ("tests", int(), "given", *_):
            model = Facts
        case ("tests", *_, _) if len(loc) > 1:
            model = PolicyTest
        case ("follow_up_rule", *_, _) if len(loc) > 1:
            model = FollowUpRule
        case (str() as table, _) if table in _TABLES:
            model = _TABLES[table]
        case ("closing_tests", int(), "given", "partners", *_, _):
            model = PartnerWord
        case ("closing_tests", int(), "given", *_):
            model = Proof
        case ("closing_tests", *_, _) if len(loc) > 1:
            model = ClosingTest
        case _:
            model = Policy
    return [field.alias or name for name, field in model.model_fields.items()]


def _problem(text: str, data: dict[str, Any], loc: Loc, words: str) -> PolicyProblem:
    return PolicyProblem(line=line_of(text, loc), place=place_of(data, loc), text=words)


def _invalid(problems: list[PolicyProblem]) -> PolicyInvalid:
    count = "an error" if len(problems) == 1 else f"{len(problems)} errors"
    listed = "".join(f"\n  {problem}" for problem in problems)
    return PolicyInvalid(f"The policy has {count}:{listed}", field=problems[0].place, problems=problems)
