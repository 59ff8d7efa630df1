"""The silent trace: on set days after a partner has a case its host is looked up, and nobody is asked or told.

Checks every five days say of what went on the first day only that it went within five. This one asks name servers and
nothing else, so that the figures know within which days a host was last found and first gone. It closes nothing and
asks nobody; what it finds counts beside the next check.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from router.casework.believed import is_believed
from router.casework.case.close import NOT_GONE, gone, gone_seen
from router.casework.case.gate import HeldBack
from router.casework.case.record import case_rows, open_case
from router.casework.case.traces import recorded, traced
from router.casework.context import Context
from router.casework.follow_up.check import doubted
from router.casework.follow_up.closing import hours_between
from router.casework.referral.check_dates import silent_day
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.policy.closing import counted
from router.store.base import Change, Event, Remove, Row, Transition
from router.store.schema.tables import cases, silent_traces
from schemas.actor import ROUTER
from schemas.closing import Closing
from schemas.states import CaseState
from schemas.trace import DnsOutcome, OnlineMode, Trace

#: Cases looked up in one turn, and side by side.
MOST: Final = 64
_AT_ONCE: Final = 16
_HOUR: Final = timedelta(hours=1) // timedelta(microseconds=1)


async def look_up(ctx: Context) -> int:
    """Look up what is due, and date the next day of each; return how many were due. Raise StoreUnavailable.

    By a clock that is not believed none is due: what it found would be counted for the wrong day.
    """
    if not await is_believed(ctx):
        return 0
    due = select(silent_traces).where(silent_traces.c.due_at <= ctx.now())
    rows = await ctx.store.rows(due.order_by(silent_traces.c.due_at, silent_traces.c.id).limit(MOST))
    known, turns = await case_rows(ctx, {row["case_id"] for row in rows}), asyncio.Semaphore(_AT_ONCE)

    async def one(row: Row) -> None:
        async with turns:
            await _one(ctx, row, known.get(row["case_id"]))

    await asyncio.gather(*(one(row) for row in rows))
    return len(rows)


async def _one(ctx: Context, row: Row, case: Row | None) -> None:
    """Look one up; what fails is looked up again in an hour, and costs no other case anything."""
    try:
        made = await _looked_up(ctx, row, case)
    except HeldBack as error:
        made = _dated(ctx, row, max(error.held.until, ctx.now() + _HOUR))
    except RouterError as error:
        get_log("follow_up.silent").warning("not_looked_up", case=row["case_id"], code=error.code)
        made = _dated(ctx, row, ctx.now() + _HOUR)
    with suppress(Conflict):  # another worker was faster, or the case moved on: it is looked up again then
        await ctx.store.commit(made)


async def _looked_up(ctx: Context, row: Row, case: Row | None) -> Transition:
    if case is None or case["state"] == CaseState.CLOSED or case["host_bidx"] is None:
        return Transition(ctx.now(), removes=(Remove(silent_traces, {"id": row["id"]}),))
    opened = await open_case(ctx, case)
    _, policy = await ctx.governance.policy()
    trace = doubted(await traced(ctx, opened, online=OnlineMode.NEVER), ctx.lying_resolvers())
    changes = _found(ctx, case, trace, policy.closing)
    event = Event(
        "case.looked_up", ROUTER.id, case["id"], None, {"dns": trace.outcome, "country": trace.verdict.country}
    )
    following = silent_day(policy, int(row["since"]), ctx.now())
    if following is None:
        removes = (Remove(silent_traces, {"id": row["id"]}),)
        return Transition(ctx.now(), tuple(changes), (recorded(opened, trace),), removes, (event,))
    dated = _dated(ctx, row, following)
    return Transition(ctx.now(), (*changes, *dated.changes), (recorded(opened, trace),), (), (event,))


def _found(ctx: Context, case: Row, trace: Trace, rules: Closing) -> list[Change]:
    """Return what the case keeps of it: nobody who acts on it meanwhile is disturbed."""
    values: Mapping[str, Any]
    if trace.gone:
        seen = (*gone_seen(case), ctx.now())
        values = gone(seen, len(counted(hours_between(seen), rules)))
    elif trace.outcome is DnsOutcome.OK and case["gone_seen"] is not None:
        values = NOT_GONE
    else:
        return []
    unchanged = {"state": case["state"], "gone_seen": case["gone_seen"]}
    return [Change(cases, {"id": case["id"]}, values, guard=unchanged)]


def _dated(ctx: Context, row: Row, at: int) -> Transition:
    change = Change(silent_traces, {"id": row["id"]}, {"due_at": at}, guard={"due_at": row["due_at"]})
    return Transition(ctx.now(), (change,))
