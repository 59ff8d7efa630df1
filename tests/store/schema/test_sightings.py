"""Who saw what: one row for each person and case, and a second look without an answer waits."""

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.sightings import second_looks, sightings
from router.store.writer import Writer
from tests.store.samples import NOW


async def test_a_person_is_written_down_once_for_a_case(store: Writer) -> None:
    row = {"case_id": "c", "by": "person:anna", "at": NOW}
    await store.commit(Transition(NOW, adds=[Add(sightings, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(sightings, row | {"at": NOW + 1})]))
    for more in ({"by": "person:bert"}, {"case_id": "d"}):
        await store.commit(Transition(NOW, adds=[Add(sightings, row | more)]))


async def test_a_second_look_may_wait_for_its_answer(store: Writer) -> None:
    row = {"id": "s", "case_id": "c", "first": "person:anna", "asked_at": NOW}
    await store.commit(Transition(NOW, adds=[Add(second_looks, row)]))
