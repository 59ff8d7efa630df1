"""A case has one hold, which is taken up again; a record of what was erased is added once."""

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.retention import erasures, legal_holds
from router.store.writer import Writer
from tests.store.samples import NOW


async def test_a_case_has_one_hold_and_a_record_is_added_once(store: Writer) -> None:
    hold = {"case_id": "a", "since": NOW, "by": "person:anna", "ended_at": None}
    record = {"id": "1", "at": NOW, "by": "person:anna", "kept": "urls", "cases": 3, "detail": "{}"}
    for table, row in ((legal_holds, hold), (erasures, record)):
        await store.commit(Transition(NOW, adds=[Add(table, row)]))
        with pytest.raises(Conflict):
            await store.commit(Transition(NOW, adds=[Add(table, row)]))
