"""Forget closed requests of people about themselves once as long is over as cases are kept, from their closing on."""

from sqlalchemy import select

from router.casework.context import Context
from router.store.base import Remove, Transition
from router.store.schema.tables import requests


async def forget_asked(ctx: Context, period: int, *, dry_run: bool) -> int:
    """Forget those that were closed so long ago (microseconds), or count them: few. Raise StoreUnavailable."""
    rows = await ctx.store.rows(select(requests.c.id).where(requests.c.closed_at <= ctx.now() - period))
    if rows and not dry_run:
        removes = tuple(Remove(requests, {"id": row["id"]}) for row in rows)
        await ctx.store.commit(Transition(ctx.now(), removes=removes))
    return len(rows)
