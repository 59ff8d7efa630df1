"""The walks through the house lead somewhere: each file and test that they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What a reader puts the name of the new thing for.
PLACEHOLDERS = ("NAME", "ROOM", "FILE", "*")
#: What a run of the tests makes: it is there once they have run.
MADE = "build/"


def named(page: str) -> list[str]:
    """The paths that a page names in full."""
    text = (ROOT / page).read_text(encoding="utf-8")
    quoted = re.findall(r"`([\w./*-]+)`", text)
    return sorted(
        {
            one
            for one in quoted
            if "/" in one and not one.startswith(MADE) and not any(mark in one for mark in PLACEHOLDERS)
        }
    )


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_page_names_is_there(page: str) -> None:
    missing = [
        one for one in named(page) if not any((ROOT / base / one).exists() for base in ("", "router", "router/hosting"))
    ]
    assert missing == []


def test_each_recipe_says_what_asks_for_what_was_forgotten() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    recipes = text.split("\n## ")[2:]
    assert len(recipes) == 4
    for recipe in recipes:
        walked, _, asked = recipe.partition("| forgotten | asked for by |")
        assert walked.count("\n| `") >= 5
        assert len(re.findall(r"`tests/", asked)) >= 3
