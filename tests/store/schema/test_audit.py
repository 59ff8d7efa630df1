"""The audit tables take an entry once and keep nothing that identifies."""

import pytest

from router.errors import Conflict
from router.guard.audit import ChainEntry, Checkpoint
from router.store.base import Add, Transition
from router.store.schema.audit import audit, checkpoints
from router.store.writer import Writer
from tests.store.samples import NOW

ENTRY = {"epoch": "e", "seq": 1, "at": NOW, "actor": "a", "act": "b", "detail": "{}", "hash": b"h"}


def test_the_columns_are_those_of_the_chain() -> None:
    assert [column.name for column in audit.columns] == [*ChainEntry._fields, "hash"]
    assert [column.name for column in checkpoints.columns] == list(Checkpoint._fields)


async def test_an_entry_of_an_epoch_stands_once(store: Writer) -> None:
    await store.commit(Transition(NOW, adds=[Add(audit, ENTRY), Add(audit, ENTRY | {"epoch": "f"})]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(audit, ENTRY)]))
