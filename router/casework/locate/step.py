"""Find out where a case is hosted. No transaction is open while the world is asked."""

from dataclasses import dataclass, replace

from router.casework.case.next_look import look_at
from router.casework.case.record import Opened, open_case
from router.casework.case.traces import recorded, shown, traced
from router.casework.context import Context
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import cases
from schemas.actor import ROUTER
from schemas.states import CASE, CaseState, step
from schemas.trace import Trace


@dataclass(frozen=True, slots=True)
class Located:
    """A case as it is after it was traced, and what is committed for that."""

    opened: Opened
    trace: Trace
    transition: Transition


async def run(ctx: Context, row: Row) -> Transition:
    """Trace a received case; the next turn decides on it."""
    return (await located(ctx, row)).transition


async def located(ctx: Context, row: Row) -> Located:
    """Trace a received case."""
    opened = await open_case(ctx, row)
    return written(ctx, opened, await traced(ctx, opened))


def written(ctx: Context, opened: Opened, trace: Trace) -> Located:
    """Return what is committed for the trace of a received case."""
    row, kept, now = opened.row, recorded(opened, trace), ctx.now()
    state = step(CASE, CaseState(row["state"]), "trace")
    changed = shown(trace, kept.values["id"]) | {"state": state, **look_at(now)}
    detail = {
        "verdict": trace.verdict.kind,
        "country": trace.verdict.country,
        "confidence": round(trace.verdict.confidence, 4),
        "reasons": [reason.code for reason in trace.verdict.reasons],
    }
    event = Event("case.located", ROUTER.id, case_id=opened.id, detail=detail)
    change = Change(cases, {"id": opened.id}, changed, row["version"])
    after = replace(opened, row={**row, **changed, "version": row["version"] + 1})
    return Located(after, trace, Transition(now, (change,), (kept,), (), (event,)))
