import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from router import console
from router.console.assets import FILES, address, content
from router.errors import NotFound


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_asset_is_small_and_loads_nothing_from_elsewhere(name: str) -> None:
    text = content(name).decode()
    assert len(text) < 24 * 1024
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "@import" not in text


def test_an_address_changes_with_the_content() -> None:
    assert address("desk.js").startswith("/static/desk.js?")
    assert address("desk.js").partition("?")[2] != address("console.css").partition("?")[2]


@pytest.mark.parametrize("name", ["../pages.py", "nothing.css", ""])
def test_nothing_else_of_the_disk_is_given_out(name: str) -> None:
    with pytest.raises(NotFound):
        content(name)


def test_the_script_makes_no_request_and_writes_no_html() -> None:
    script = content("desk.js").decode()
    for word in ("fetch", "XMLHttpRequest", "innerHTML", "eval", "localStorage", "cookie"):
        assert word not in script


def answered_by_a_file() -> Iterator[str]:
    """The paths of the forms that a file answers, as a pattern each."""
    for path in Path(console.__path__[0]).rglob("*.py"):
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(one, ast.AsyncFunctionDef) and "attachment;" in ast.unparse(one):
                for said in map(ast.unparse, one.decorator_list):
                    if (found := re.match(r"router\.post\('(.+?)'", said)) is not None:
                        yield re.sub(r"\{.+?\}", r"\\{\\{.+?\\}\\}", found[1])


def test_a_form_that_a_file_answers_can_be_sent_again_as_its_page_stays() -> None:
    templates = Path(console.__path__[0]) / "templates"
    forms = [one for path in templates.glob("*.html") for one in re.findall(r"<form [^\n]*?>", path.read_text("utf-8"))]
    paths = list(answered_by_a_file())
    assert len(paths) >= 2
    for path in paths:
        found = [one for one in forms if re.search(f'action="{path}"', one)]
        assert found, path
        assert all(" data-file" in one for one in found), path
