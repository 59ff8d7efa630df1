"""Every scope and every kind of change has its words."""

from router.console.rules.words import CHANGE, DONE, SCOPE
from schemas.draft import Scope
from schemas.governed import ChangeKind


def test_none_is_without_words() -> None:
    assert set(SCOPE) == set(Scope)
    assert set(CHANGE) == set(ChangeKind)
    assert set(DONE) == {"made", "asked"}
