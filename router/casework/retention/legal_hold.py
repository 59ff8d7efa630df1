"""A case that is kept until a person says otherwise: for a court, an auditor, or somebody's own request."""

from sqlalchemy import select

from router.casework.case.record import case_row
from router.casework.case.typed_reason import acted
from router.casework.context import Context
from router.clock import moment
from router.errors import Conflict
from router.store.base import Add, Change, Row, Transition
from router.store.schema.tables import legal_holds
from schemas.actor import Actor
from schemas.retention import HoldView


async def hold(ctx: Context, case_id: str, actor: Actor, reason: str) -> HoldView:
    """Keep a case beyond its time. Raise NotFound, BadInput, Conflict (it is held already)."""
    case, known = await case_row(ctx, case_id), await _row(ctx, case_id)
    if known is not None and known["ended_at"] is None:
        raise Conflict("This case is held already.", reason="held_already")
    values = {"since": ctx.now(), "by": actor.id, "ended_at": None}
    event = await acted(ctx, "case.held", actor, reason, case["id"])
    if known is None:
        made = Transition(ctx.now(), adds=(Add(legal_holds, {"case_id": case_id, **values}),), events=(event,))
    else:
        ended = {"ended_at": known["ended_at"]}
        made = Transition(ctx.now(), (Change(legal_holds, {"case_id": case_id}, values, guard=ended),), events=(event,))
    await ctx.store.commit(made)
    return HoldView(case=case_id, since=ctx.clock.now(), by=actor.id)


async def end(ctx: Context, case_id: str, actor: Actor, reason: str) -> None:
    """End a hold: the case's period begins now. Raise NotFound, BadInput, Conflict (it is not held)."""
    case, known = await case_row(ctx, case_id), await _row(ctx, case_id)
    if known is None or known["ended_at"] is not None:
        raise Conflict("This case is not held.", reason="not_held")
    event = await acted(ctx, "case.hold_ended", actor, reason, case["id"])
    change = Change(legal_holds, {"case_id": case_id}, {"ended_at": ctx.now()}, guard={"ended_at": None})
    await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))


async def holds(ctx: Context) -> list[HoldView]:
    """Return the cases that are held, the oldest hold first."""
    wanted = select(legal_holds).where(legal_holds.c.ended_at.is_(None))
    rows = await ctx.store.rows(wanted.order_by(legal_holds.c.since, legal_holds.c.case_id))
    return [HoldView(case=row["case_id"], since=moment(row["since"]), by=row["by"]) for row in rows]


async def _row(ctx: Context, case_id: str) -> Row | None:
    rows = await ctx.store.rows(select(legal_holds).where(legal_holds.c.case_id == case_id))
    return rows[0] if rows else None
