"""What time it is here, and how far partners' clocks were from ours when they last said: what `doctor` compares."""

from collections.abc import Mapping

from sqlalchemy import select

from router.casework.context import Context
from router.store.schema.tables import partner_state


async def clocks_of_partners(ctx: Context) -> Mapping[str, int]:
    """Return by partner how many seconds its clock was ahead of ours; who never said is left out."""
    wanted = select(partner_state.c.partner, partner_state.c.clock_ahead).where(
        partner_state.c.clock_ahead.is_not(None)
    )
    rows = await ctx.store.rows(wanted.order_by(partner_state.c.partner))
    return {row["partner"]: row["clock_ahead"] for row in rows}
