"""The one tree of errors: each says who can mend it, and what to do next."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from router import errors
from router.errors import NoAnswer, NotFound, PolicyInvalid, RouterError, Unavailable
from schemas.policy import PolicyProblem


def tree(root: type[RouterError] = RouterError) -> Iterator[type[RouterError]]:
    """Every class below the root that the room itself defines."""
    for one in root.__subclasses__():
        if one.__module__ == errors.__name__:
            yield one
            yield from tree(one)


EVERY = sorted(set(tree()), key=lambda one: one.__name__)


@pytest.mark.parametrize("kind", EVERY)
def test_an_error_without_a_sentence_still_says_what_to_do(kind: type[RouterError]) -> None:
    error = kind()
    assert error.message == str(error) == kind.__doc__
    assert len(error.message) > 20
    assert error.message.rstrip().endswith((".", "anew."))


@pytest.mark.parametrize("kind", EVERY)
def test_every_error_has_a_status_and_an_exit_code_that_callers_can_act_on(kind: type[RouterError]) -> None:
    assert 400 <= kind.status < 600
    assert kind.exit_code in {2, 3}
    assert kind.title != RouterError.title


def test_codes_are_stable_names_and_each_is_given_once() -> None:
    codes = [kind.code for kind in EVERY]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and code.isidentifier() for code in codes)


def test_what_the_caller_can_mend_is_theirs_and_what_we_lack_is_ours() -> None:
    assert {kind.__name__ for kind in EVERY if kind.status >= 500} == {
        "CannotStart", "Damaged", "Unavailable", "EvidenceUnavailable", "StoreUnavailable", "StoreLost",
        "EgressRefused", "NotSent", "NoAnswer",
    }  # fmt: skip
    assert all(issubclass(kind, Unavailable) for kind in EVERY if kind.status == 503 and kind.code != "cannot_start")


def test_the_drawing_names_every_class_with_its_status() -> None:
    drawing = (errors.__doc__ or "").splitlines()
    for kind in EVERY:
        (line,) = [line for line in drawing if kind.__name__ in line.replace("─", " ").split()]
        if kind.__base__ is RouterError and "exit" not in line:
            assert str(kind.status) in line


def test_the_field_and_a_finer_reason_are_kept() -> None:
    error = NotFound("There is no partner of this name.", field="partner", reason="no_partner")
    assert (error.message, error.field, error.reason) == ("There is no partner of this name.", "partner", "no_partner")
    assert NotFound().reason == "not_found"


def test_what_is_away_says_when_to_come_back() -> None:
    assert Unavailable("later", retry_after=2.5, reason="disk_full").retry_after == 2.5
    assert Unavailable().retry_after is None


def test_an_answer_that_broke_off_keeps_its_status_line() -> None:
    error = NoAnswer(http_status=422, reason="cut")
    assert (error.http_status, error.reason, error.retry_after) == (422, "cut", None)


def test_an_invalid_policy_names_every_problem() -> None:
    found = [PolicyProblem(place="route a", text="no"), PolicyProblem(place="route b", text="no")]
    assert PolicyInvalid(problems=found).problems == tuple(found)
    assert PolicyInvalid().problems == ()


def test_rooms_raise_nothing_of_their_own_making() -> None:
    """A class outside this file that an API or CLI could not translate would be a 500 without a next step."""
    root = Path(errors.__file__).parent
    own: list[str] = []
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            bases = [base.id for base in getattr(node, "bases", ()) if isinstance(base, ast.Name)]
            if isinstance(node, ast.ClassDef) and path != Path(errors.__file__) and "RouterError" in bases:
                own.append(f"{path.name}: {node.name}")
    assert own == []
