"""Look-ups on both engines: rows by value, in the order of the look-up, never older than the question."""

import asyncio

from sqlalchemy import literal_column, select

from router.store.base import Add, LookUp, Transition
from router.store.schema.tables import nonces
from router.store.writer import Writer
from tests.store.samples import NOW, nonce


async def test_rows_are_looked_up_by_value_in_the_order_of_the_look_up(store: Writer) -> None:
    later = select(nonces).where(nonces.c.until > literal_column("1")).order_by(nonces.c.until.desc())
    by_peer = LookUp(later, nonces.c.peer)
    rows = [("nl", "a", NOW), ("nl", "b", NOW + 1), ("ca", "c", NOW), ("de", "d", NOW), ("nl", "e", 1)]
    adds = [Add(nonces, {"peer": peer, "nonce": name, "until": until}) for peer, name, until in rows]
    await store.commit(Transition(NOW, adds=adds))
    found = await store.look_up(by_peer, ["nl", "gb", "ca", "nl", "quote ' and %s ? $1"])
    assert {peer: [row["nonce"] for row in of] for peer, of in found.items()} == {"nl": ["b", "a"], "ca": ["c"]}
    assert await store.look_up(by_peer, []) == {}


async def test_a_look_up_sees_what_was_committed_before_it(store: Writer) -> None:
    by_peer = LookUp(select(nonces), nonces.c.peer)
    for count, name in enumerate("abc", start=1):
        await store.commit(nonce(name))
        found = await asyncio.gather(*(store.look_up(by_peer, ["nl"]) for _ in range(5)))
        assert [len(one["nl"]) for one in found] == [count] * 5
