"""What an earlier version kept in the clear: sealed, or made an index, at the first start of one that does not.

A revision of the schema holds no keys, so it can only make room.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from sqlalchemy import not_, select

from router.casework.context import Context
from router.casework.deliver.stops import sealed_reason
from router.errors import Conflict
from router.store.base import Add, Change, Remove, Row, Transition
from router.store.schema.tables import idempotency, stops

#: What a key of a request begins with that is no longer its sender's text.
BLIND: Final = "blind:"
_PAGE: Final = 500


async def seal_clear_text(ctx: Context) -> None:
    """Seal why something is stopped, and hide the keys of requests. Raise StoreUnavailable."""
    for row in await ctx.store.rows(select(stops).where(stops.c.sealed.is_(None))):
        values = {"reason": "", "sealed": sealed_reason(ctx, row["scope"], row["reason"])}
        change = Change(stops, {"scope": row["scope"]}, values, guard={"sealed": None})
        await _unless_done(ctx, Transition(ctx.now(), changes=(change,)))
    clear = select(idempotency).where(not_(idempotency.c.key.startswith(BLIND))).limit(_PAGE)
    while rows := await ctx.store.rows(clear):
        await _unless_done(ctx, _hidden(ctx, rows))


def blind_key(ctx: Context, key: str) -> str:
    """Return what stands in the database for a request's key, which may say anything."""
    return BLIND + ctx.keyring.blind("idempotency", key).hex()


def _hidden(ctx: Context, rows: Sequence[Row]) -> Transition:
    removes = [Remove(idempotency, {"client": row["client"], "key": row["key"]}) for row in rows]
    adds = [Add(idempotency, row | {"key": blind_key(ctx, row["key"])}) for row in rows]
    return Transition(ctx.now(), removes=removes, adds=adds)


async def _unless_done(ctx: Context, transition: Transition) -> None:
    with suppress(Conflict):  # another process was first
        await ctx.store.commit(transition)
