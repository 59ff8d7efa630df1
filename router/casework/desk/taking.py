"""Asking for an item of the desk, taking one over, and handing one on: not me, not today.

An item is asked for and never given by arriving at a page. To hand one on asks no reason, is written into no audit and
counted nowhere: it must cost nobody anything to look at something else.
"""

from typing import Final

from sqlalchemy import select

from router.casework.case.record import case_row
from router.casework.case.seen import given_back, handed_on, holders, lease_row, person, taken
from router.casework.context import Context
from router.casework.read.desk_page import page_of_desk
from router.clock import end_of_day, micros, moment
from router.errors import Conflict, NotFound
from router.store.base import Add, Change, Event, Row, Transition
from router.store.schema.tables import passed_on
from schemas.actor import Actor
from schemas.pages import DeskWanted
from schemas.states import CaseState

_NOT_ON_DESK: Final = "This case is not on the desk now."
_NOBODY_WAITS: Final = "Nothing is left on the desk that nobody has, and that you did not hand on today."
_HELD: Final = "{by} has this one until {until}: take it over, or ask for the next one."
_PAGE: Final = 50
_ROUNDS: Final = 32


async def take(ctx: Context, case_id: str, actor: Actor, *, over: bool = False) -> None:
    """Have an item before oneself; `over` takes it from whoever has it. Raise NotFound, Conflict (`held`)."""
    if (await case_row(ctx, case_id))["state"] != CaseState.DESK:
        raise Conflict(_NOT_ON_DESK, reason="not_now")
    before = await lease_row(ctx, case_id)  # what is judged here is what the commit is fenced by
    others = _is_anothers(ctx, before, actor)
    if not over:
        _check_not_anothers(ctx, before, actor)
    event = (Event("case.taken_over", actor.id, case_id),) if others else ()
    await ctx.store.commit(_written(ctx, taken(ctx, case_id, actor, before), event))


async def pass_on(ctx: Context, case_id: str, actor: Actor) -> None:
    """Not me, not today: it is given back, and not given to this person again before midnight.

    Raise NotFound, Conflict (`held`: what another has is not one's own to hand on).
    """
    if (await case_row(ctx, case_id))["state"] != CaseState.DESK:
        raise Conflict(_NOT_ON_DESK, reason="not_now")
    now, who = ctx.now(), person(actor)
    before = await lease_row(ctx, case_id)
    _check_not_anothers(ctx, before, actor)
    changes = [given_back(ctx, before)] if before is not None and before["until"] > now else []
    key = {"case_id": case_id, "by": who}
    known = await ctx.store.rows(select(passed_on.c.until).where(passed_on.c.case_id == case_id, passed_on.c.by == who))
    until = {"until": micros(end_of_day(moment(now), ctx.zone))}
    adds = [] if known else [Add(passed_on, {**key, **until})]
    changes += [Change(passed_on, key, until)] if known else []
    await ctx.store.commit(Transition(now, tuple(changes), tuple(adds)))


def _is_anothers(ctx: Context, lease: Row | None, actor: Actor) -> bool:
    return lease is not None and lease["until"] > ctx.now() and lease["by"] != person(actor)


def _check_not_anothers(ctx: Context, lease: Row | None, actor: Actor) -> None:
    """Raise Conflict (`held`) for an item that somebody else has, saying who, until when and what to do."""
    if lease is not None and _is_anothers(ctx, lease, actor):
        until = f"{moment(lease['until']).astimezone(ctx.zone):%H:%M %Z}"
        raise Conflict(_HELD.format(by=lease["by"].partition(":")[2], until=until), reason="held")


async def next_item(ctx: Context, actor: Actor, wanted: DeskWanted) -> str:
    """Give a person the next item in the order of the desk that nobody has, and return its case. Raise NotFound."""
    for _ in range(_ROUNDS):
        case_id = await _next(ctx, actor, wanted)
        before = await lease_row(ctx, case_id)
        if before is not None and before["until"] > ctx.now():
            continue  # since we looked
        try:
            await ctx.store.commit(_written(ctx, taken(ctx, case_id, actor, before)))
        except Conflict:
            continue  # somebody was faster
        return case_id
    raise Conflict


async def _next(ctx: Context, actor: Actor, wanted: DeskWanted) -> str:
    cursor: str | None = None
    while True:
        found = await page_of_desk(ctx, wanted, cursor, _PAGE)
        ids = [row["id"] for row in found.rows]
        away = set(await holders(ctx, ids)) | await handed_on(ctx, ids, actor)
        for case_id in ids:
            if case_id not in away:
                return str(case_id)
        cursor = found.next
        if cursor is None:
            raise NotFound(_NOBODY_WAITS, reason="nobody_waits")


def _written(ctx: Context, lease: Add | Change, events: tuple[Event, ...] = ()) -> Transition:
    changes, adds = ((lease,), ()) if isinstance(lease, Change) else ((), (lease,))
    return Transition(ctx.now(), changes, adds, (), events)
