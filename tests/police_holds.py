"""A police unit that was told by telephone and asked that nobody be told before a day, in a line."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, select

from router.casework.context import Context
from router.casework.desk.handed_over import handed_over
from router.casework.desk.unit_acts import answer
from router.store.schema.tables import referrals
from schemas.acts import Answer, HandedOver
from schemas.vocabulary import UnitAnswer
from tests.casebook import ANNA

UNIT = "federal-police"


async def police_hold(ctx: Context, case_id: str, *, days: float = 20) -> None:
    """Have them told of a case, and ask that nobody else be told for so many days."""
    said = HandedOver(partner=UNIT, reference=f"FP/{case_id[-6:]}", reason="told by telephone")
    view = await handed_over(ctx, case_id, ANNA, said)
    until = ctx.clock.now() + timedelta(days=days)
    await answer(ctx, view.id, ANNA, Answer(answer=UnitAnswer.HOLD_UNTIL, until=until))


async def they_say(ctx: Context, case_id: str, said: UnitAnswer, **more: Any) -> None:
    """Type what they say of a case. Raise Conflict where they have it no more."""
    theirs = and_(referrals.c.case_id == case_id, referrals.c.partner == UNIT)
    rows = await ctx.store.rows(select(referrals.c.id).where(theirs).order_by(referrals.c.id.desc()).limit(1))
    await answer(ctx, rows[0]["id"], ANNA, Answer(answer=said, **more))


async def released(ctx: Context, case_id: str) -> None:
    """Have them say that we may ask the host ourselves."""
    await they_say(ctx, case_id, UnitAnswer.RELEASE, officer="Inspector Janssens")
