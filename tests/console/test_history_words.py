"""Nothing that happens, and no fact that is judged, is without a word."""

import ast
from pathlib import Path

import router
from router.console.history_words import EVENT, FACT
from schemas.facts import Facts

CODE = Path(str(router.__file__)).parent


def events() -> set[str]:
    """The names of all events that use-cases write into the audit chain: the literal after Event( and acted(ctx,."""
    found: set[str] = set()
    for path in (CODE / "casework").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "Event",
                "acted",
                "_event",
                "_act",
                "_change",
            }:
                found |= {a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    return {name for name in found if "." in name or name.startswith("stop")}


def test_every_event_has_its_words() -> None:
    assert len(events()) > 25
    assert events() - set(EVENT) == set()


def test_every_fact_has_its_word() -> None:
    assert set(Facts.model_fields) == set(FACT)
