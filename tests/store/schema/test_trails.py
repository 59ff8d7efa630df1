"""A trail is asked for once, and made once of two who make it."""

import pytest

from router.errors import Conflict
from router.store.base import Add, Change, Transition
from router.store.schema.trails import trails
from router.store.writer import Writer
from tests.store.samples import NOW

ROW = {"id": "t", "case_id": "c", "by": "person:anna", "at": NOW, "language": "nl", "sealed": b"x"}


async def test_of_two_who_make_it_at_once_one_does(store: Writer) -> None:
    await store.commit(Transition(NOW, adds=[Add(trails, ROW)]))
    made = Change(trails, {"id": "t"}, {"made_at": NOW, "agreed_by": "person:bob"}, guard={"made_at": None})
    await store.commit(Transition(NOW, [made]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, [made]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(trails, ROW)]))
