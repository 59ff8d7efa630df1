import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

import schemas
from router.console.language import load
from router.console.partners.words import ENDS, FAULT, KIND
from router.console.rules.faults import of_entry
from router.console.said.policy_text import ENTRY
from router.partners import DIALECTS
from schemas.partner import Partner, PartnerKind
from schemas.partner_health import Ends
from schemas.problem import reworded
from tests.console.said.said_by import CODE, made, shape


def test_every_code_has_its_words() -> None:
    assert set(KIND) == set(PartnerKind)
    assert set(ENDS) == set(Ends)


#: What somebody may type into any field, or bring as JSON where it takes a table.
TYPED: tuple[Any, ...] = (
    None, True, "", "x", "X Y", "§", -1, 0, 1.5, 10**12, "x" * 20000, [], ["x"], ["§"], [{}], {}, {"a": 1},
    "http://p.example", "ftp://x", "2026-01-01", "2026-01-01T08:00:00Z", "https://u:p@x.test/#f", ["8.8.8.0/24"],
    ["10.0.0.0/33"], "\n", "\x00", ["x"] * 2000, {"x": "y"}, "Europe/Nowhere", "relative/path", ["mail"], ["pigeon"],
    [{"id": "a", "public": "short"}],
)  # fmt: skip


def refusals(model: type[BaseModel], given: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Everything that a model says of a field, by its code and its words."""
    found = set()
    for name, field in model.model_fields.items():
        for typed in TYPED:
            try:
                model.model_validate({**given, field.alias or name: typed})
            except ValidationError as error:
                kept = error.errors(include_url=False, include_input=False, include_context=False)
                found |= {(one["type"], reworded(one["type"], one["msg"])) for one in kept}
    return found


def test_whatever_is_wrong_in_an_entry_is_said_in_every_language() -> None:
    entry = {"name": "a", "title": "A", "kind": "hotline", "countries": ["NL"]}
    found = refusals(Partner, entry).union(*(refusals(one.Config, {}) for one in DIALECTS.values()))
    found |= {("no_dialect", "there is none named pigeon; known are iccam, router")}
    assert len(found) > 30
    for code, tongue in load().items():
        said = {one for one in found if one[0] in FAULT or of_entry(tongue, one[1]) is not None}
        assert code == "en" or found - said == set()


def test_what_is_said_of_an_entry_is_what_its_words_say() -> None:
    files = [Path(str(schemas.__file__)).parent / "network.py", *(CODE / "partners").rglob("*.py"), CODE / "casework"]
    texts: set[str] = set()
    for path in files:
        for file in path.rglob("*.py") if path.is_dir() else [path]:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            texts |= {str(made(one)) for one in ast.walk(tree) if isinstance(one, ast.Constant | ast.JoinedStr)}
    assert {shape(one) for one in ENTRY} - texts == set()
