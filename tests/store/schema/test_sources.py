"""A source and what a partner got of it are one row each."""

from typing import Any

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.sources import source_sent, sources
from router.store.writer import Writer
from tests.store.samples import NOW, counter

SOURCE = {"name": "form", "kind": "public", "assesses": 0, "lane": "normal"}
SENT = dict(counter("form").values)


@pytest.mark.parametrize(
    ("table", "row", "same", "other"),
    [(sources, SOURCE, {"lane": "bulk"}, {"name": "police"}), (source_sent, SENT, {"sent": 1}, {"partner": "ca"})],
)
async def test_a_second_one_is_refused(
    store: Writer, table: Any, row: dict[str, Any], same: dict[str, Any], other: dict[str, Any]
) -> None:
    await store.commit(Transition(NOW, adds=[Add(table, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(table, row | same)]))
    await store.commit(Transition(NOW, adds=[Add(table, row | other)]))
