"""Erase what people typed with acts that are of no case, once the policy's period for the audit is over."""

from sqlalchemy import select

from router.casework.context import Context
from router.store.base import Remove, Transition
from router.store.schema.audit import house_reasons


async def forget_said(ctx: Context, period: int, *, dry_run: bool) -> int:
    """Erase those that were typed so long ago (microseconds), or count them: few. Raise StoreUnavailable."""
    rows = await ctx.store.rows(select(house_reasons.c.id).where(house_reasons.c.at <= ctx.now() - period))
    if rows and not dry_run:
        removes = tuple(Remove(house_reasons, {"id": row["id"]}) for row in rows)
        await ctx.store.commit(Transition(ctx.now(), removes=removes))
    return len(rows)
