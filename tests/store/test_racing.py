"""Two writers accept reports of the same locations at once; afterwards every item opens under its case's key.

A lost race must seal the item again, for the case that won: counts and rows look right even when that is forgotten, so
only opening every item shows it (the first prototype of intake had exactly that fault).
"""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from router.errors import Conflict
from router.store.base import Add, Event, Transition
from router.store.checkpoint import verify_audit
from router.store.connect import open_store
from router.store.ids import new_id
from router.store.schema.tables import case_keys, cases, items
from router.store.writer import Writer
from tests.store.samples import KEYRING, NOW, case


async def accept(store: Writer, url: str) -> str:
    """Take one report of a URL: join the open case, or open one; look again when another was first."""
    item_id = new_id()
    while True:
        blind = KEYRING.blind("url", url)
        found = await store.rows(select(cases.c.id).where(cases.c.url_bidx == blind, cases.c.state != "closed"))
        adds: list[Add] = []
        if found:
            case_id = found[0]["id"]
            (kept,) = await store.rows(select(case_keys).where(case_keys.c.case_id == case_id))
            key = KEYRING.unwrap(case_id, kept["wrapped"])
        else:
            case_id = new_id()
            key, wrapped = KEYRING.new_case_key(case_id)
            sealed = key.seal("case", url.encode())
            adds = [
                case(case_id, url_bidx=blind, sealed=sealed),
                Add(case_keys, {"case_id": case_id, "wrapped": wrapped}),
            ]
        row = {"id": item_id, "report_id": item_id, "position": 0, "case_id": case_id, "added_at": NOW}
        adds.append(Add(items, row | {"sealed": key.seal(f"item:{item_id}", url.encode())}))
        try:
            await store.commit(Transition(NOW, adds=adds, events=[Event("taken", "source:form", case_id=case_id)]))
        except Conflict:
            continue
        return item_id


async def race(urls: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        stores = [await open_store(None, Path(folder), KEYRING) for _ in range(2)]
        taken = await asyncio.gather(*(accept(stores[at % 2], f"u{n}") for at, n in enumerate(urls)))
        expected = {item: f"u{n}".encode() for item, n in zip(taken, urls, strict=True)}
        rows = await stores[0].rows(
            select(items, case_keys.c.wrapped).join(case_keys, case_keys.c.case_id == items.c.case_id)
        )
        opened = {
            row["id"]: KEYRING.unwrap(row["case_id"], row["wrapped"]).open(f"item:{row['id']}", row["sealed"])
            for row in rows
        }
        assert opened == expected
        assert len(await stores[1].rows(select(cases.c.id))) == len(set(urls))
        verifier, findings = await verify_audit(stores[0].rows, KEYRING)
        assert (verifier.entries, findings) == (len(urls), [])
        for store in stores:
            await store.close()


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=40))
def test_accept_with_two_racing_writers_then_open_everything(urls: list[int]) -> None:
    asyncio.run(race(urls))
