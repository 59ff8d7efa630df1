"""What an entry says beside its act, in each language, and nothing of it as Python writes it."""

import ast
from pathlib import Path
from typing import Any

import pytest

import router
from router.console.details import _LEFT_OUT, told
from router.console.history_words import DETAIL
from router.console.language import load
from router.console.words import TABLES
from router.partners import DIALECTS

CODE = Path(str(router.__file__)).parent
TONGUES = load()
#: What `acted` takes for itself, and what only an event has.
NOT_SAID = {"case_id", "detail", "referral_id", "sealed", "typed", "reason"}


@pytest.mark.parametrize(
    ("code", "detail", "said"),
    [
        ("nl", {"told": True}, [("partner ingelicht", "ja")]),
        ("fr", {"told": False}, [("partenaire informé", "non")]),
        ("en", {"verdict": "country", "country": "CA", "confidence": 0.98},
         [("verdict", "Hosted in one country"), ("country", "Canada"), ("certainty", "98%")]),
        ("de", {"was": "CA", "now": "NL"}, [("vorher", "Kanada"), ("jetzt", "Niederlande")]),
        ("en", {"was": "held"}, [("before", "held back")]),
        ("en", {"outcome": "deferred"}, [("outcome", "put off")]),
        ("en", {"recipients": ["hotline-nl", "police"]}, [("recipients", "hotline-nl, police")]),
        ("en", {"desk": ["proposed", "doubtful"]},
         [("for the desk", "Waiting for your confirmation, The evidence does not agree")]),
        ("en", {"put_off": {"crawler": 3}}, [("put off", "crawler 3")]),
        ("nl", {"step": "in_folder"}, [("stap", "in de map van de eenheid")]),
        ("nl", {"something_new": "x"}, [("something_new", "x")]),
        ("en", {"verdict": "no_host", "confidence": 0.0}, [("verdict", "No host to trace")]),
        ("en", {"reasons": ["all_agree"], "report": "an id"}, []),
    ],
)  # fmt: skip
def test_values_are_said_in_words(code: str, detail: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert told(TONGUES[code], detail) == said


def test_a_partner_is_called_by_its_title() -> None:
    detail = {"partner": "fpb", "recipients": ["fpb", "closed-since"], "route": "fpb"}
    said = told(TONGUES["en"], detail, {"fpb": "Federal Police"})
    assert said == [
        ("recipients", "Federal Police, closed-since"), ("partner", "Federal Police"), ("route", "fpb")
    ]  # fmt: skip


def test_each_step_of_each_dialect_has_its_word() -> None:
    assert {step for dialect in DIALECTS.values() for step in dialect.steps} == set(TABLES["step"])


def names() -> set[str]:
    """The names that use-cases write beside an act: the keywords of `acted` and `_event`, the keys of an Event."""
    found: set[str] = set()
    for path in (CODE / "casework").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in {"detail", "said", "known"}:
                found |= keys(node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Event", "acted", "_event"}:
                found |= {one.arg for one in node.keywords if one.arg}
                found |= {key for one in [*node.args, *(each.value for each in node.keywords)] for key in keys(one)}
    return found - NOT_SAID


def keys(node: ast.expr) -> set[str]:
    named = node.keys if isinstance(node, ast.Dict) else []
    return {str(one.value) for one in named if isinstance(one, ast.Constant)}


def test_every_name_has_its_word() -> None:
    assert len(names()) > 25
    assert names() - set(DETAIL) - _LEFT_OUT == set()
