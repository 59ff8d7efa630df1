"""Ids are UUIDv7, distinct, and sort by time."""

import time
from uuid import RFC_4122, UUID

from router.store.ids import new_id, new_ids


def test_an_id_is_a_uuid_of_version_7() -> None:
    before = time.time()
    one = UUID(new_id())
    assert (one.version, one.variant) == (7, RFC_4122)
    assert before - 0.001 <= (one.int >> 80) / 1000 <= time.time()


def test_ids_of_one_call_differ() -> None:
    assert len(set(new_ids(5000))) == 5000


def test_ids_sort_by_time() -> None:
    earlier = new_id()
    time.sleep(0.003)
    assert earlier < new_id()
