"""Opens every sealed field of every row of a router's store; a wrong key or a moved ciphertext raises."""

from typing import Any

from sqlalchemy import select

from router.casework.case import sealed
from router.store.schema.tables import cases, items, referrals, traces
from tests.neighbours import Neighbour


async def open_everything(one: Neighbour) -> int:
    """Return how many sealed fields were opened."""
    rows = await one.rows(select(cases))
    keys = await sealed.keys_of(one.router.ctx, [row["id"] for row in rows])
    assert set(keys) == {row["id"] for row in rows}
    for row in rows:
        sealed.case_secrets(keys[row["id"]], row["id"], row["sealed"])
    opened = len(rows)
    for row in await one.rows(select(items)):
        sealed.item_secrets(keys[row["case_id"]], row["id"], row["sealed"])
        opened += 1
    for row in await one.rows(select(traces)):
        sealed.trace_of(keys[row["case_id"]], row["id"], row["sealed"])
        opened += 1
    sent: list[dict[str, Any]] = await one.rows(select(referrals).where(referrals.c.payload.is_not(None)))
    for row in sent:
        keys[row["case_id"]].open(f"{sealed.PAYLOAD}:{row['id']}", row["payload"])
        opened += 1
    return opened
