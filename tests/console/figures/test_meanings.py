"""What is read in four languages is what the definitions say."""

import tomllib
from importlib import resources

from router.console.figures.meanings import GLOSSARY, MEANS, TERM
from router.figures.definitions import NEWEST


def test_every_sentence_is_that_of_the_newest_definitions() -> None:
    written = tomllib.loads(resources.files("router.data").joinpath("figures.toml").read_text(encoding="utf-8"))[NEWEST]
    assert {name: one["says"] for name, one in written["measure"].items()} == MEANS
    assert written["words"] == GLOSSARY
    assert list(TERM) == list(GLOSSARY)
