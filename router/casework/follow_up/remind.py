"""Somebody takes the digest of a partner's day, to hand it over: once a day, whoever asks, and however often.

The row of the partner and its day is what it is taken by, so of two persons one takes it. What was taken is shown
again all day: nothing is lost to somebody whose screen went dark.
"""

from typing import Final

from router.casework.believed import doubt
from router.casework.context import Context
from router.casework.follow_up.reminders import to_remind
from router.errors import Conflict, NotFound
from router.store.base import Add, Change, Event, Transition
from router.store.schema.tables import referrals, reminders
from schemas.actor import Actor
from schemas.reminder import Reminder

_NOTHING: Final = "There is nothing to remind this partner of; see `reminders list`."
_NOT_TODAY: Final = "{partner} is reminded again from {day} on: once a day, on days on which people work there."


async def remind(ctx: Context, partner: str, actor: Actor) -> Reminder:
    """Take today's digest of a partner; return it with its text. Raise NotFound, Conflict."""
    if (why := await doubt(ctx)) is not None:
        raise Conflict(why, reason="clock")
    found = [one for one in await to_remind(ctx, partner) if one.taken_at is None]
    if not found:
        raise NotFound(_NOTHING)
    waiting, now = found[0], ctx.now()
    today = ctx.clock.now().astimezone(ctx.zone).date()
    if waiting.from_day > today:
        raise Conflict(_NOT_TODAY.format(partner=partner, day=waiting.from_day), reason="not_now")
    taken = Add(reminders, {"partner": partner, "day": str(today), "at": now, "by": actor.id})
    told = {"still_there_at": None, "reminded_at": now}
    changes = [Change(referrals, {"id": one.referral}, told, guard={"state": "accepted"}) for one in waiting.items]
    events = [
        Event("referral.reminded", actor.id, one.case, one.referral, {"partner": partner}) for one in waiting.items
    ]
    await ctx.store.commit(Transition(now, tuple(changes), (taken,), (), tuple(events)))
    return next(one for one in await to_remind(ctx, partner) if one.taken_at is not None)
