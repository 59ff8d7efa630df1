"""A peer's referral is one row, and a request of theirs is seen once."""

from typing import Any

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.peers import inbox, nonces, status_rounds
from router.store.writer import Writer
from tests.store.samples import NOW

TAKEN = {
    "peer": "nl", "origin": "nl", "origin_reference": "o", "referral_id": "r", "body_digest": b"d", "receipt": "x",
    "case_id": "c", "taken_at": NOW,
}  # fmt: skip
AT = {"partner": "nl", "version": 1, "due_at": NOW, "began_at": NOW}
SEEN = {"peer": "nl", "nonce": "n", "until": NOW}


@pytest.mark.parametrize(
    ("table", "row", "same", "other"),
    [
        (inbox, TAKEN, {"case_id": "d"}, {"referral_id": "s"}),
        (nonces, SEEN, {"until": NOW + 1}, {"peer": "de"}),
        (status_rounds, AT, {"due_at": NOW + 1}, {"partner": "de"}),
    ],
    ids=["inbox", "nonces", "status_rounds"],
)
async def test_a_second_one_is_refused(
    store: Writer, table: Any, row: dict[str, Any], same: dict[str, Any], other: dict[str, Any]
) -> None:
    await store.commit(Transition(NOW, adds=[Add(table, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(table, row | same)]))
    await store.commit(Transition(NOW, adds=[Add(table, row | other)]))
