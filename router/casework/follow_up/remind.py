"""The digest of a partner's day, once a day: told by itself where the partner can be told, else taken by somebody.

The row of the partner and its day is what it is taken by, so of two persons one takes it. What was taken is shown
again all day: nothing is lost to somebody whose screen went dark.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from sqlalchemy import select

from router.casework.believed import doubt
from router.casework.case.gate import held_ids
from router.casework.context import Context
from router.casework.deliver.progress import sent_referral
from router.casework.follow_up.reminders import to_remind
from router.delivery import ask
from router.errors import Conflict, NotFound
from router.partners.base import Dialect
from router.partners.reminding import Reminds
from router.store.base import Add, Change, Event, Row, Transition
from router.store.schema.tables import referrals, reminders
from schemas.actor import ROUTER, Actor
from schemas.partner import Partner
from schemas.reminder import Reminded, Reminder

#: Referrals read at once, with what was sent and what their dialect keeps: a partner of thousands is told in parts.
_TOLD: Final = 200
_NOTHING: Final = "There is nothing to remind this partner of; see `reminders list`."
_NOT_TODAY: Final = "{partner} is reminded again from {day} on: once a day, on days on which people work there."
_NOT_YET: Final = "{partner} is asked again from {day} on: police by the policy's `police_every`."


async def remind(ctx: Context, partner: str, actor: Actor) -> Reminder:
    """Take today's digest of a partner; return it with its text. Raise NotFound, Conflict."""
    if (why := await doubt(ctx)) is not None:
        raise Conflict(why, reason="clock")
    found = [one for one in await to_remind(ctx, partner) if one.taken_at is None]
    if not found:
        raise NotFound(_NOTHING)
    waiting = found[0]
    if waiting.from_day > _today(ctx):
        words = _NOT_YET if waiting.police else _NOT_TODAY
        raise Conflict(words.format(partner=partner, day=waiting.from_day), reason="not_now")
    await ctx.store.commit(_taken(ctx, waiting, waiting.items, actor))
    return next(one for one in await to_remind(ctx, partner) if one.taken_at is not None)


async def remind_by_itself(ctx: Context) -> int:
    """Tell partners that can be told, each once on its working day; return how many referrals they were reminded of.

    What a partner does not say it was reminded of waits for people, who hand it over. Raise StoreUnavailable.
    """
    if await doubt(ctx) is not None:
        return 0
    directory, told = await ctx.governance.directory(), 0
    for waiting in await to_remind(ctx):
        partner = directory.named(waiting.partner)
        dialect = None if partner is None else ctx.dialects.get(partner.dialect)
        if waiting.taken_at is not None or waiting.from_day > _today(ctx) or partner is None or dialect is None:
            continue
        said = await _told(ctx, partner, dialect, waiting.items)
        if items := [one for one in waiting.items if one.referral in said]:
            with suppress(Conflict):  # somebody took it at this moment: told twice is no harm
                await ctx.store.commit(_taken(ctx, waiting, items, ROUTER))
                told += len(items)
    return told


async def _told(ctx: Context, partner: Partner, dialect: Dialect, items: Sequence[Reminded]) -> set[str]:
    """Tell a partner of these, a part at a time; return those that it says it was reminded of."""
    said: set[str] = set()
    for first in range(0, len(items) if isinstance(dialect, Reminds) else 0, _TOLD):
        rows = await _sent_by(ctx, dialect, items[first : first + _TOLD])
        if rows:
            said |= await ask.remind(dialect, partner, [sent_referral(dialect, row, None) for row in rows])
    return said


async def _sent_by(ctx: Context, dialect: Dialect, items: Sequence[Reminded]) -> list[Row]:
    """Return the referrals that the dialect brought there and that nothing holds at this moment."""
    held = await held_ids(ctx, {one.case for one in items})
    free = [one.referral for one in items if one.case not in held]
    by_it = referrals.c.dialect == dialect.name
    return await ctx.store.rows(select(referrals).where(referrals.c.id.in_(free), by_it).order_by(referrals.c.id))


def _taken(ctx: Context, waiting: Reminder, items: Sequence[Reminded], actor: Actor) -> Transition:
    now, partner = ctx.now(), waiting.partner
    taken = Add(reminders, {"partner": partner, "day": str(_today(ctx)), "at": now, "by": actor.id})
    told = {"still_there_at": None, "reminded_at": now}
    changes = [Change(referrals, {"id": one.referral}, told, guard={"state": "accepted"}) for one in items]
    events = [Event("referral.reminded", actor.id, one.case, one.referral, {"partner": partner}) for one in items]
    return Transition(now, tuple(changes), (taken,), (), tuple(events))


def _today(ctx: Context) -> date:
    return ctx.clock.now().astimezone(ctx.zone).date()
