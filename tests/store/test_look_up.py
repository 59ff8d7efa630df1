"""Look-ups on both engines: rows by value, in the order of the look-up, never older than the question."""

import asyncio
import importlib
import pkgutil

import apsw
import asyncpg
from sqlalchemy import literal_column, select

from router import casework
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


async def test_no_look_up_of_the_product_walks_a_table(store: Writer, url: str) -> None:
    """A million rows stand in each of these tables: what is asked for each case must be a seek."""
    modules = [
        importlib.import_module(one.name) for one in pkgutil.walk_packages(casework.__path__, "router.casework.")
    ]
    of_product = {one for module in modules for one in vars(module).values() if isinstance(one, LookUp)}
    assert len(of_product) >= 8
    for lookup in of_product:
        await store.look_up(lookup, ["none"])
    texts = store._engine._look_ups  # what is really asked
    for lookup in of_product:
        plan = await explained(url, texts[lookup])
        assert lookup.by.table.name in plan, plan
        assert f"SCAN {lookup.by.table.name}" not in plan, plan
        assert "Seq Scan" not in plan, plan


async def explained(url: str, text: str) -> str:
    """Return the plan of a statement with one parameter, as if its tables were large."""
    if url.startswith("sqlite"):
        connection = apsw.Connection(url.removeprefix("sqlite:///"))
        return "\n".join(str(step[3]) for step in connection.execute(f"EXPLAIN QUERY PLAN {text}", ('["a"]',)))
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET enable_seqscan = off")
        return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {text}", ["a"]))
    finally:
        await connection.close()
