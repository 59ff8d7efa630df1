"""Alarms of the house: work whose time is over, too many cases at once, a way that fails. One open of each, counted."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import orjson
from sqlalchemy import Select, and_, func, not_, or_, select, text

from router.casework.alarm.certificates import ending_soon
from router.casework.context import Context
from router.errors import Conflict
from router.store.base import Add, Change, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.partners import proposals
from router.store.schema.tables import alarms, cases, hub_items, referrals, unit_letters, viewings
from schemas.actor import ROUTER
from schemas.alarm import HouseCode

#: What `told` says of a case's alarm before a receiver is in it: that it may ring, or that too many ring already.
BEGUN: Final = '{"begun":{"times":0,"tried":0,"failed":0}}'
HELD: Final = '{"held":{"times":0,"tried":0,"failed":0}}'
#: Microseconds for which people hear of what is not undone by an act of theirs: a working day's round.
_TOLD_FOR: Final = 24 * 3600 * 1_000_000
#: Case alarms that nobody was told of one by one, and nobody answered.
_HELD_BACK: Final = and_(
    alarms.c.case_id.is_not(None),
    alarms.c.told == HELD,
    alarms.c.acknowledged_at.is_(None),
    alarms.c.resolved_at.is_(None),
)

#: The open alarm of a heartbeat that nobody hears; its count is 0 once it was heard again.
_SILENT: Final = and_(alarms.c.code == HouseCode.HEARTBEAT, alarms.c.case_id.is_(None), alarms.c.resolved_at.is_(None))

#: In the words of their indexes, which no bound value could be proved to meet.
_UNFIT, _UNTOLD = text("state = 'unfit'"), text("state = 'untold'")


async def look_after(ctx: Context) -> None:
    """Open the alarm of overdue work when there is some, and count anew what the open ones stand for."""
    if await _count(ctx, _late(ctx)):
        await open_house(ctx, HouseCode.OVERDUE)
    if await _count(ctx, _not_taken(ctx)):
        await open_house(ctx, HouseCode.INBOX)
    if await _count(ctx, _unread(ctx)):
        await open_house(ctx, HouseCode.LETTER)
    if await ending_soon(ctx):
        await open_house(ctx, HouseCode.CERTIFICATE)
    wanted = and_(alarms.c.case_id.is_(None), alarms.c.resolved_at.is_(None), alarms.c.code != HouseCode.TEST)
    for row in await ctx.store.rows(select(alarms).where(wanted)):
        count = await _stands_for(ctx, row)
        if count and count != row["count"]:
            with suppress(Conflict):  # it is being rung: counted anew next time
                change = Change(alarms, {"id": row["id"]}, {"count": count}, guard={"version": row["version"]})
                await ctx.store.commit(Transition(ctx.now(), (change,)))


async def open_house(ctx: Context, code: HouseCode) -> None:
    """Open an alarm of the house, unless it is open already."""
    begun = await opening(ctx, code)
    if begun.adds:
        with suppress(Conflict):  # another process opened it at the same moment
            await ctx.store.commit(begun)


async def opening(ctx: Context, code: HouseCode) -> Transition:
    """Return what opens an alarm of the house, for the transition that it is about; nothing when it is open already."""
    now = ctx.now()
    open_now = and_(alarms.c.case_id.is_(None), alarms.c.code == code, alarms.c.resolved_at.is_(None))
    if await ctx.store.rows(select(alarms.c.id).where(open_now).limit(1)):
        return Transition(now)
    row = {"id": new_id(), "case_id": None, "code": code, "placed_at": now, "version": 0, "next_at": now}
    event = Event("alarm.opened", ROUTER.id, detail={"desk": code})
    return Transition(now, adds=(Add(alarms, row),), events=(event,))


async def heart_beats(ctx: Context) -> None:
    """End the alarm of a heartbeat that failed: it was heard again."""
    for row in await ctx.store.rows(select(alarms).where(_SILENT)):
        if row["count"]:
            with suppress(Conflict):  # it is being rung: the next beat says so again
                heard = {"count": 0, "next_at": ctx.now()}
                change = Change(alarms, {"id": row["id"]}, heard, guard={"version": row["version"]})
                await ctx.store.commit(Transition(ctx.now(), (change,)))


async def is_over_now(ctx: Context, row: Row) -> bool:
    """Tell whether what an alarm of the house is about has ended."""
    if row["code"] == HouseCode.WAY_DOWN:
        told: dict[str, dict[str, int]] = orjson.loads(row["told"])
        return bool(told) and not any(one["failed"] for one in told.values())
    return not await _stands_for(ctx, row)


async def _stands_for(ctx: Context, row: Row) -> int:
    code = HouseCode(row["code"])
    if code in _COUNTED:
        return await _count(ctx, _COUNTED[code](ctx))
    if code is HouseCode.CERTIFICATE:
        return len(await ending_soon(ctx))
    if code in _SINCE:
        is_told = row["placed_at"] + _TOLD_FOR < ctx.now()
        return 0 if is_told else await _count(ctx, _SINCE[code](row["placed_at"]))
    return int(row["count"]) if code is HouseCode.HEARTBEAT else 1


def _held_back(_ctx: Context) -> Select[Any]:
    return select(func.count().label("n")).select_from(alarms).where(_HELD_BACK)


def _broken(_ctx: Context) -> Select[Any]:
    return select(func.count().label("n")).select_from(proposals).where(proposals.c.glass_by.is_not(None))


def _misrouted(since: int) -> Select[Any]:
    return select(func.count().label("n")).select_from(referrals).where(referrals.c.misrouted_at >= since)


def _viewing_lost(since: int) -> Select[Any]:
    lost = and_(viewings.c.ended_as == "lost", viewings.c.ended_at >= since)
    return select(func.count().label("n")).select_from(viewings).where(lost)


def _not_taken(ctx: Context) -> Select[Any]:
    """Return the question of how many contents of a hub's lately could not be taken, or it did not take the end.

    The rest `partners check` names.
    """
    lately = ctx.now() - _TOLD_FOR
    unfit = and_(_UNFIT, hub_items.c.read_at >= lately)
    untold = and_(_UNTOLD, hub_items.c.ended_at >= lately)
    return select(func.count().label("n")).select_from(hub_items).where(or_(unfit, untold))


def _unread(_ctx: Context) -> Select[Any]:
    unread = and_(unit_letters.c.nameless == 1, unit_letters.c.read_at.is_(None))
    return select(func.count().label("n")).select_from(unit_letters).where(unread)


def _late(ctx: Context) -> Select[Any]:
    own = cases.c.desk_alarm.is_not(None)  # it rings by itself
    late = and_(cases.c.desk_code.is_not(None), cases.c.desk_due < ctx.now(), not_(own))
    return select(func.count().label("n")).select_from(cases).where(late)


#: What happened and is not undone: people hear of it for a day, from when the alarm was opened.
_SINCE: Final[Mapping[HouseCode, Callable[[int], Select[Any]]]] = {
    HouseCode.MISROUTED: _misrouted,
    HouseCode.VIEWING_LOST: _viewing_lost,
}
#: What alarms stand for that are over when there is none of it left.
_COUNTED: Final[Mapping[HouseCode, Callable[[Context], Select[Any]]]] = {
    HouseCode.OVERDUE: _late,
    HouseCode.MANY: _held_back,
    HouseCode.GLASS: _broken,
    HouseCode.INBOX: _not_taken,
    HouseCode.LETTER: _unread,
}


async def _count(ctx: Context, wanted: Select[Any]) -> int:
    return int((await ctx.store.rows(wanted))[0]["n"])
