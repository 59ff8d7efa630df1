"""What left of lost cases stands once by its id, and is found by its location, on both engines."""

import pytest
from sqlalchemy import select

from router.errors import Conflict
from router.store.base import Add, Remove, Transition
from router.store.schema.restored import left_before_restore
from router.store.writer import Writer
from tests.store.samples import NOW

ROW = {"id": "r", "case_id": "c", "url_bidx": b"u", "partner": "nl", "route": "abroad", "left_at": NOW}


async def test_it_is_found_by_its_location_and_goes_once(store: Writer) -> None:
    await store.commit(Transition(NOW, adds=[Add(left_before_restore, ROW)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(left_before_restore, ROW)]))
    found = select(left_before_restore.c.id).where(left_before_restore.c.url_bidx == b"u")
    assert await store.rows(found) == [{"id": "r"}]
    await store.commit(Transition(NOW, removes=[Remove(left_before_restore, {"id": "r"})]))
    assert await store.rows(found) == []
