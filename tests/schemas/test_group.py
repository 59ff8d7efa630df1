"""A request names its cases and counts them; what it cannot mean is refused before anything is read."""

import pytest
from pydantic import ValidationError

from router.casework.case.acts import ACTS, On
from schemas.group import MOST, GroupAct, Grouped

ROW = {"case": "0" * 36, "version": 1}


def given(**more: object) -> dict[str, object]:
    return {"act": Grouped.CLOSE, "count": 1, "rows": (ROW,)} | more


def test_every_act_of_a_group_is_one_on_a_case() -> None:
    assert {str(one) for one in Grouped} <= {act.name for act in ACTS if act.on is On.CASE}


@pytest.mark.parametrize(
    "wrong",
    [{"rows": ()}, {"rows": (ROW,) * (MOST + 1)}, {"count": 0}, {"act": "reveal"}, {"rows": ({**ROW, "case": "x"},)}],
)
def test_what_is_no_group_is_refused(wrong: dict[str, object]) -> None:
    GroupAct.model_validate(given())
    with pytest.raises(ValidationError):
        GroupAct.model_validate(given(**wrong))
