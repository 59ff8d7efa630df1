"""A partner's standing, a stop and a budget are one row each."""

from typing import Any

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.partners import call_budgets, partner_state, stops
from router.store.writer import Writer
from tests.store.samples import NOW, partner

STOP = {"scope": "partner:nl", "since": NOW, "by": "person:anna", "reason": "they asked"}
BUDGET = {"name": "iccam:push", "free_at": NOW}


@pytest.mark.parametrize(
    ("table", "row", "same", "other"),
    [
        (partner_state, dict(partner("nl").values), {"failures": 3}, {"partner": "ca"}),
        (stops, STOP, {"reason": "again"}, {"scope": "all"}),
        (call_budgets, BUDGET, {"free_at": NOW + 1}, {"name": "iccam:pull"}),
    ],
    ids=["partner_state", "stops", "call_budgets"],
)
async def test_a_second_one_is_refused(
    store: Writer, table: Any, row: dict[str, Any], same: dict[str, Any], other: dict[str, Any]
) -> None:
    await store.commit(Transition(NOW, adds=[Add(table, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(table, row | same)]))
    await store.commit(Transition(NOW, adds=[Add(table, row | other)]))
