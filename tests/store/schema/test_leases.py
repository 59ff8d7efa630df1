"""One person has an item at a time; who handed it on is written down once for each."""

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.leases import leases, passed_on
from router.store.writer import Writer
from tests.store.samples import NOW


async def test_of_two_at_once_one_has_it(store: Writer) -> None:
    row = {"case_id": "c", "by": "person:anna", "since": NOW, "until": NOW + 1}
    await store.commit(Transition(NOW, adds=[Add(leases, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(leases, row | {"by": "person:bert"})]))


async def test_each_hands_it_on_for_themselves(store: Writer) -> None:
    row = {"case_id": "c", "by": "person:anna", "until": NOW}
    await store.commit(Transition(NOW, adds=[Add(passed_on, row), Add(passed_on, row | {"by": "person:bert"})]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(passed_on, row)]))
