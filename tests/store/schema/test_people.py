"""Names, tokens and requests are unique where a second one would be somebody else's."""

from typing import Any

import pytest

from router.errors import Conflict
from router.store.base import Add, Transition
from router.store.schema.people import accounts, exposures, idempotency, sessions, tokens
from router.store.writer import Writer
from tests.store.samples import NOW

ACCOUNT = {"id": "1", "name": "anna", "role": "analyst", "locale": "nl"}
TOKEN = {"id": "1", "kind": "api", "digest": b"d", "name": "n", "scopes": "", "created_at": NOW}
SESSION = {"digest": b"d", "account_id": "1", "csrf": "c", "started_at": NOW, "seen_at": NOW, "ends_at": NOW}
REVEAL = {"id": "1", "by": "person:anna", "at": NOW, "kind": "reveal", "past_pause": 0, "number": 1}
REQUEST = {"client": "c", "key": "k", "fingerprint": b"f", "at": NOW}


@pytest.mark.parametrize(
    ("table", "row", "other"),
    [
        (accounts, ACCOUNT, {"id": "2"}),
        (tokens, TOKEN, {"id": "2"}),
        (sessions, SESSION, {"account_id": "2"}),
        (idempotency, REQUEST, {"fingerprint": b"other"}),
        (exposures, REVEAL, {"id": "2"}),
    ],
)
async def test_a_second_one_is_refused(store: Writer, table: Any, row: dict[str, Any], other: dict[str, Any]) -> None:
    await store.commit(Transition(NOW, adds=[Add(table, row)]))
    with pytest.raises(Conflict):
        await store.commit(Transition(NOW, adds=[Add(table, row | other)]))


async def test_reveals_without_a_number_and_those_of_others_are_as_many_as_there_are(store: Writer) -> None:
    rows = [REVEAL, *({**REVEAL, "id": one, "number": None} for one in "23"), {**REVEAL, "id": "4", "by": "person:bob"}]
    await store.commit(Transition(NOW, adds=[Add(exposures, row) for row in rows]))
