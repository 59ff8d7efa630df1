"""Every reason by which a location is left out or a row refused has its words on the pages."""

import re
from pathlib import Path

from router.casework.desk.viewing import results, taken
from router.casework.desk.viewing.table import FINDINGS
from router.console.viewing.words import ANSWER, ENDED, FINDING, LEFT_OUT
from schemas.viewing import Ended


def test_what_is_left_out_says_why() -> None:
    assert set(LEFT_OUT) == set(taken._LEFT_OUT)


def test_what_is_refused_says_why() -> None:
    text = Path(str(results.__file__)).read_text(encoding="utf-8")
    said = set(re.findall(r'reason="(\w+)"', text)) | set(re.findall(r'code="(\w+)"', text))
    assert said - {"empty"} <= set(ANSWER)


def test_what_may_be_found_and_how_it_ends_has_words() -> None:
    assert (set(FINDING), set(ENDED)) == (set(FINDINGS), set(Ended))
