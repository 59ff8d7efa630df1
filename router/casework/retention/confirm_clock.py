"""A person says that the clock is right, which stands for all that it was doubted for until it is moved again."""

from router.casework.believed import said_right
from router.casework.case.typed_reason import acted_of_house
from router.casework.context import Context
from schemas.actor import Actor


async def confirm_clock(ctx: Context, actor: Actor, reason: str) -> None:
    """Believe the clock on a person's word. Raise BadInput, Conflict (nobody doubts it)."""
    now = ctx.clock.now().isoformat(timespec="seconds")
    await said_right(ctx, acted_of_house(ctx, "clock.confirmed", actor, reason, now=now))
