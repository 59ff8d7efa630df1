"""What is to be told is one row under one id, on both engines, as a worker takes it."""

from typing import Any

import pytest
from sqlalchemy import select

from router.errors import Conflict
from router.store.base import Add, Claim, Transition
from router.store.schema.status import status_changes, status_news
from router.store.writer import Writer
from tests.store.samples import NOW

CHANGE = {"id": "a", "case_id": "c", "at": NOW, "version": 0}
NEWS = {"id": "a", "source": "form", "report_id": "r", "at": NOW, "due_at": NOW, "version": 0}


@pytest.mark.parametrize(("table", "row"), [(status_changes, CHANGE), (status_news, NEWS)])
async def test_an_id_stands_once(store: Writer, table: Any, row: dict[str, Any]) -> None:
    await store.commit(Transition(NOW, adds=[Add(table, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(table, row)]))
    await store.commit(Transition(NOW, adds=[Add(table, row | {"id": "b"})]))


@pytest.mark.parametrize(("table", "row"), [(status_changes, CHANGE), (status_news, NEWS)])
async def test_it_is_taken_by_one_worker(store: Writer, table: Any, row: dict[str, Any]) -> None:
    await store.commit(Transition(NOW, adds=[Add(table, row)]))
    claim = Claim(table, table.c.id == "a", (table.c.at,), 5, "one", 60.0)
    (taken,) = await store.claim(claim)
    assert (taken["claims"], taken["version"], taken["claimed_by"]) == (1, 1, "one")
    assert await store.claim(claim) == []
    assert len(await store.rows(select(table))) == 1
