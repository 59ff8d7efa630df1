"""What others call a case, kept so that people find it: a number that was typed with an act about no referral."""

from sqlalchemy import and_, select

from router.casework.context import Context
from router.store.base import Add
from router.store.schema.tables import case_numbers
from schemas.actor import Actor


async def called(ctx: Context, case_id: str, number: str | None, actor: Actor) -> tuple[Add, ...]:
    """Return the row that keeps a number of a case; none where nothing was typed, or it is known already."""
    if number is None:
        return ()
    known = and_(case_numbers.c.case_id == case_id, case_numbers.c.number == number)
    if await ctx.store.rows(select(case_numbers.c.number).where(known)):
        return ()
    row = {"case_id": case_id, "number": number, "at": ctx.now(), "by": actor.id}
    return (Add(case_numbers, row),)
