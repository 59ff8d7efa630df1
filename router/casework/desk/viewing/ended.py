"""The end of a viewing session: given back, or lost, which is an incident.

A file that is lost is encrypted to the room; what was made of it there may not be. So whoever says that it is lost is
asked no proof: nothing is taken of that session any more, the house's alarm tells whoever is to hear of it, and each
case keeps that its location was in it.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select

from router.casework.alarm.house import opening
from router.casework.case.seen import given_back
from router.casework.case.typed_reason import acted, check_reason
from router.casework.context import Context
from router.casework.desk.act import retry_on_conflict
from router.casework.desk.viewing.listed import check_may_end, lines_of, session, session_row
from router.errors import Conflict, NotFound
from router.store.base import Change, Event, Row, Transition, with_beside
from router.store.schema.tables import leases, viewings
from schemas.actor import Actor
from schemas.alarm import HouseCode
from schemas.viewing import Ended, ViewingFile

_OVER: Final = "This session is over already."
_LOST: Final = "It was said already that this session was lost."


@retry_on_conflict
async def close(ctx: Context, name: str, actor: Actor) -> ViewingFile:
    """Give back what has no result. Raise NotFound, NotAllowed (somebody else's), Conflict (over already)."""
    row = await session_row(ctx, name)
    check_may_end(row, actor)
    if row["ended_as"] is not None:
        raise Conflict(_OVER, reason="not_now")
    await ctx.store.commit(await closing(ctx, row, actor))
    return await session(ctx, name)


async def closing(ctx: Context, row: Row, actor: Actor) -> Transition:
    """Return what ends a session that is open, and gives back what is left in it."""
    lines = await lines_of(ctx, row["name"])
    waits = sum(one["done_at"] is None for one in lines)
    event = Event("viewing.closed", actor.id, None, None, {"viewing": row["name"], "waits": waits})
    return Transition(ctx.now(), (_ended(ctx, row, Ended.CLOSED, actor), *await _freed(ctx, row)), events=(event,))


@retry_on_conflict
async def lost(ctx: Context, name: str, actor: Actor, reason: str) -> ViewingFile:
    """Say that a session's file, or what was made of it, is lost; return what was in it. One is enough, at any time.

    Raise NotFound, NotAllowed (somebody else's), BadInput (no reason), Conflict (said already).
    """
    row = await session_row(ctx, name)
    check_may_end(row, actor)
    if row["ended_as"] == Ended.LOST:
        raise Conflict(_LOST, reason="not_now")
    lines = await lines_of(ctx, name)
    check_reason(reason)
    said = {"viewing": name, "lines": len(lines)}
    events = [
        Event("viewing.lost", actor.id, None, None, said),
        *[await _of_case(ctx, one["case_id"], actor, reason, name) for one in lines],
    ]
    changes = (_ended(ctx, row, Ended.LOST, actor), *await _freed(ctx, row))
    made = Transition(ctx.now(), changes, events=tuple(events))
    await ctx.store.commit(with_beside(made, await opening(ctx, HouseCode.VIEWING_LOST)))
    return await session(ctx, name)


async def _of_case(ctx: Context, case_id: str, actor: Actor, reason: str, name: str) -> Event:
    """Return a case's own entry, with what was typed; without that where its key was erased."""
    try:
        return await acted(ctx, "case.viewing_lost", actor, reason, case_id, viewing=name)
    except NotFound:
        return Event("case.viewing_lost", actor.id, case_id, None, {"viewing": name})


def _ended(ctx: Context, row: Row, how: Ended, actor: Actor) -> Change:
    values = {"open_by": None, "ended_as": how, "ended_at": ctx.now(), "ended_by": actor.id}
    return Change(viewings, {"name": row["name"]}, values, guard={"ended_as": row["ended_as"]})


async def _freed(ctx: Context, row: Row) -> Iterable[Change]:
    wanted = (leases.c.viewing == row["name"]) & (leases.c.until > ctx.now())
    return [given_back(ctx, one) for one in await ctx.store.rows(select(leases).where(wanted))]
