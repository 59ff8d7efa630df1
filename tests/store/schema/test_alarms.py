"""An alarm is a row; of the house's own there is one open at a time of each code."""

import pytest
from sqlalchemy import select

from router.errors import Conflict
from router.store.base import Add, Change, Transition
from router.store.schema.alarms import alarm_ways, alarms
from router.store.writer import Writer
from tests.store.samples import NOW

HOUSE = {"id": "a", "case_id": None, "code": "overdue", "placed_at": NOW, "version": 0, "next_at": NOW}


async def test_one_open_alarm_of_the_house_for_each_code(store: Writer) -> None:
    await store.commit(Transition(NOW, adds=[Add(alarms, HOUSE)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(alarms, HOUSE | {"id": "b"})]))
    await store.commit(Transition(NOW, adds=[Add(alarms, HOUSE | {"id": "b", "code": "way_down"})]))
    await store.commit(Transition(NOW, (Change(alarms, {"id": "a"}, {"resolved_at": NOW, "next_at": None}, 0),)))
    await store.commit(Transition(NOW, adds=[Add(alarms, HOUSE | {"id": "c"})]))


async def test_of_cases_there_are_as_many_as_were_placed(store: Writer) -> None:
    adds = [Add(alarms, HOUSE | {"id": one, "case_id": "case"}) for one in ("a", "b")]
    await store.commit(Transition(NOW, adds=adds))
    rows = await store.rows(select(alarms).order_by(alarms.c.id))
    assert [(row["told"], row["count"], row["claims"]) for row in rows] == [("{}", 1, 0)] * 2


async def test_a_version_of_whom_to_ring_is_published_once(store: Writer) -> None:
    row = {"version": 1, "published_at": NOW, "by": "router", "body": "{}"}
    await store.commit(Transition(NOW, adds=[Add(alarm_ways, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(alarm_ways, row)]))
