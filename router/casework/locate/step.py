"""Find out where a case is hosted. No transaction is open while the world is asked."""

from router.casework.case.next_look import look_at
from router.casework.case.record import open_case
from router.casework.case.traces import recorded, shown, traced
from router.casework.context import Context
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import cases
from schemas.actor import ROUTER
from schemas.states import CASE, CaseState, step


async def run(ctx: Context, row: Row) -> Transition:
    """Trace a received case; the next turn decides on it."""
    opened = await open_case(ctx, row)
    trace = await traced(ctx, opened)
    kept = recorded(opened, trace)
    now = ctx.now()
    after = step(CASE, CaseState(row["state"]), "trace")
    changed = shown(trace, kept.values["id"]) | {"state": after, **look_at(now)}
    detail = {
        "verdict": trace.verdict.kind,
        "country": trace.verdict.country,
        "confidence": round(trace.verdict.confidence, 4),
        "reasons": [reason.code for reason in trace.verdict.reasons],
    }
    event = Event("case.located", ROUTER.id, case_id=opened.id, detail=detail)
    return Transition(now, (Change(cases, {"id": opened.id}, changed, row["version"]),), (kept,), (), (event,))
