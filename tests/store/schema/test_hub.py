"""What a partner did with a part of a referral is one row for each act."""

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.hub import hub_items, part_actions
from router.store.writer import Writer
from tests.store.samples import NOW

ROW = {"id": "a", "case_id": "c", "referral_id": "r", "part": "7", "action": "Removed", "at": NOW, "by": "iccam"}


async def test_an_act_on_a_part_stands_once(store: Writer) -> None:
    await store.commit(Transition(NOW, adds=[Add(part_actions, ROW)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(part_actions, ROW | {"id": "b"})]))
    for more in ({"part": "8"}, {"at": NOW + 1}, {"action": "Moved"}, {"referral_id": "s"}):
        await store.commit(Transition(NOW, adds=[Add(part_actions, ROW | {"id": str(more)} | more)]))


async def test_a_content_is_taken_once_however_often_it_is_listed(store: Writer) -> None:
    row = {"partner": "iccam", "number": "7", "state": "listed", "listed_at": NOW}
    await store.commit(Transition(NOW, adds=[Add(hub_items, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(hub_items, row | {"listed_at": NOW + 1})]))
    await store.commit(Transition(NOW, adds=[Add(hub_items, row | {"partner": "another"})]))
