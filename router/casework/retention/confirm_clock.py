"""A person says that the clock is right, which stands for all that it was doubted for until it is moved again."""

from router.casework.believed import said_right
from router.casework.case.typed_reason import check_reason
from router.casework.context import Context
from router.guard.mask import scrub
from router.store.base import Event
from schemas.actor import Actor


async def confirm_clock(ctx: Context, actor: Actor, reason: str) -> None:
    """Believe the clock on a person's word. Raise BadInput, Conflict (nobody doubts it)."""
    said = scrub(check_reason(reason))
    now = ctx.clock.now().isoformat(timespec="seconds")
    await said_right(ctx, Event("clock.confirmed", actor.id, detail={"now": now, "reason": said}))
