"""Acknowledge an alarm: a person is on it, who and when at once; what was done then, or a police number, may follow.

It stops the ringing, and nothing else: the case stays on the desk, due when it was. Opening a page is not it.
By the number the case is found from then on.
"""

from typing import Any

from sqlalchemy import and_, select

from router.casework.case.record import case_row
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.casework.desk.act import check_version, retry_on_conflict
from router.casework.desk.called_there import called
from router.errors import Conflict
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import alarms, cases
from schemas.actor import Actor

NO_ALARM = "There is no alarm of this case now; see what the desk asks."


@retry_on_conflict
async def acknowledge(
    ctx: Context,
    case_id: str,
    actor: Actor,
    *,
    done: str | None = None,
    police_reference: str | None = None,
    version: int | None = None,
) -> None:
    """Say that somebody is on it; again, to add what was done. Raise NotFound, Conflict when no alarm is open."""
    case = await case_row(ctx, case_id)
    check_version(case, version)
    if case["desk_alarm"] is None or case["desk_code"] is None:
        raise Conflict(NO_ALARM, reason="not_now")
    values, changes = await answered_alarms(ctx, case, actor)
    if values:
        changes = [Change(cases, {"id": case_id}, values, guard={"acknowledged_at": None}), *changes]
    event = await _entry(ctx, case, actor, done, police_reference, first=bool(values))
    adds = await called(ctx, case_id, police_reference, actor)
    await ctx.store.commit(Transition(ctx.now(), tuple(changes), adds, events=(event,)))


async def answered_alarms(ctx: Context, case: Row, actor: Actor) -> tuple[dict[str, Any], list[Change]]:
    """Return what somebody who is on it changes: the case's columns, and its alarms; nothing where it was said."""
    if case["acknowledged_at"] is not None:
        return {}, []
    now = ctx.now()
    answered = {"acknowledged_at": now, "acknowledged_by": actor.id, "next_at": now}
    ringing = and_(alarms.c.id == case["desk_alarm"], alarms.c.acknowledged_at.is_(None))
    rows = await ctx.store.rows(select(alarms).where(ringing))
    return {"acknowledged_at": now}, [Change(alarms, {"id": row["id"]}, answered, row["version"]) for row in rows]


async def _entry(
    ctx: Context, case: dict[str, Any], actor: Actor, done: str | None, reference: str | None, *, first: bool
) -> Event:
    """Return the audit's entry; what was typed is sealed with the case, the police number among it."""
    act = "case.acknowledged" if first else "case.acknowledged_further"
    typed = " · ".join(one for one in (reference, done) if one)
    detail = {"desk": case["desk_code"]}
    if not typed:
        return Event(act, actor.id, case["id"], None, detail)
    return await acted(ctx, act, actor, typed, case["id"], **detail)
