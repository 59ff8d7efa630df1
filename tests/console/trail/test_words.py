"""The words of a trail's papers: each in every language, and what is typed into a terminal as it stands."""

import pytest

from router.console.language import load
from router.console.trail.words import AHEAD, BEHIND, COUNT, HOW, LABEL

TONGUES = load()


@pytest.mark.parametrize("code", ["nl", "fr", "de"])
def test_each_is_said_in_each_language_and_commands_are_not_translated(code: str) -> None:
    tongue = TONGUES[code]
    said = [*LABEL.values(), AHEAD, BEHIND, COUNT, *(one for one in HOW if not one.startswith("    "))]
    assert [one for one in said if not tongue.speaks(one)] == []
    assert [one for one in HOW if one.startswith("    ") and tongue.speaks(one)] == []


def test_what_is_typed_names_the_files_that_there_are() -> None:
    typed = " ".join(one for one in HOW if one.startswith("    "))
    assert all(name in typed for name in ("house.pem", "trail.json", "trail.json.sig", "trail.txt", "trail.txt.sig"))
