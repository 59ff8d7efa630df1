import ast
from pathlib import Path

import router
from router.console.people.words import BEGAN_BY, KNOWN, NEW
from schemas.people import Known

#: What a second factor adds to a way in, and a supervisor's yes to a link.
FACTORS = {"password+app", "password+code", "link+app", "link+code", "link+yes"}


def test_every_way_in_has_its_words() -> None:
    """The literal that each use-case names its way by; a factor is the app or a recovery code."""
    folder, found = Path(str(router.__file__)).parent / "casework" / "people", set[str]()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "open_with":
                found |= {one.value for one in node.args if isinstance(one, ast.Constant)}
    assert "token" in found
    assert {*found, *FACTORS, "link", "None"} == set(BEGAN_BY)


def test_what_can_be_known_has_its_words() -> None:
    assert set(KNOWN) == {str(one) for one in Known}


def test_what_lets_somebody_in_by_now_has_its_words_and_none_is_a_way_to_come_in() -> None:
    assert set(NEW) == {"password", "app", "codes", "connected", "disconnected"}
    assert not set(NEW) & set(BEGAN_BY)
