"""The glossary's Dutch and French are the console's own words, and no word stands in it twice."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = {"nl": 1, "fr": 2}


def rows() -> list[list[str]]:
    lines = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def console(language: str) -> str:
    text = (ROOT / f"router/console/locale/{language}.po").read_text(encoding="utf-8")
    return " ".join(re.findall(r'^(?:msgstr(?:\[\d\])? )?"(.*)"$', text, re.MULTILINE)).casefold()


@pytest.mark.parametrize("language", sorted(COLUMNS))
def test_each_word_is_the_one_that_the_console_uses(language: str) -> None:
    said = console(language)
    words = [word.strip().casefold() for row in rows() for word in row[COLUMNS[language]].split(",") if word.strip()]
    assert len(words) > 25
    assert [word for word in words if not re.search(rf"\b{re.escape(word)}", said)] == []


def test_no_word_stands_in_it_twice_and_each_says_what_it_is() -> None:
    names = [row[0] for row in rows()]
    assert len(names) == len(set(names)) > 30
    assert all(len(row) == 4 and row[3] for row in rows())
