"""Every code that the pages of rules show has its words."""

from router.console.rules.words import CHANGE, DONE, KIND, PART, REACH, SCOPE
from router.policy.compare import BEFORE
from schemas.draft import Scope
from schemas.governed import ChangeKind
from schemas.policy import Route
from schemas.policy_version import Reach, RouteKind


def test_none_is_without_words() -> None:
    assert set(SCOPE) == set(Scope)
    assert set(CHANGE) == set(ChangeKind)
    assert (set(KIND), set(REACH)) == (set(RouteKind), set(Reach))
    written = {field.alias or name for name, field in Route.model_fields.items()}
    assert set(PART) == written - {"name", "when"} | {BEFORE}
    assert set(DONE) == {"made", "asked", "back", "back-asked", "handed-in", "taken-back"}
