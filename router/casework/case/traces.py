"""Traces of a case: made as the policy allows, kept sealed, and shown in the case's row."""

from typing import Any

from router.casework.case.close import NOT_GONE
from router.casework.case.gate import check_free
from router.casework.case.record import Opened
from router.casework.case.sealed import TRACE, seal
from router.casework.context import Context
from router.clock import micros
from router.store.base import Add
from router.store.ids import new_id
from router.store.schema.tables import traces
from schemas.trace import OnlineMode, Trace


async def traced(ctx: Context, opened: Opened, *, online: OnlineMode | None = None) -> Trace:
    """Return a fresh trace of the case's location; the origin behind its edge, once named, stands in for the edge.

    `online` is whether more than name servers may be asked; None is as the policy says. Raise HeldBack: whoever is
    asked for it is told of it.
    """
    await check_free(ctx, opened)
    return await traced_free(ctx, opened, online=online)


async def traced_free(ctx: Context, opened: Opened, *, online: OnlineMode | None = None) -> Trace:
    """Return the same for a case of which that was asked this moment, with its whole batch (`decide/at_once`)."""
    _, policy = await ctx.governance.policy()
    return await ctx.tracer.trace(
        opened.locator, online=online or policy.online, basis=policy.hosting_basis, origin=opened.secrets.origin
    )


def recorded(opened: Opened, trace: Trace) -> Add:
    """Return the row that keeps a trace."""
    trace_id = new_id()
    return Add(
        traces,
        {
            "id": trace_id,
            "case_id": opened.id,
            "traced_at": micros(trace.traced_at),
            "verdict": trace.verdict.kind,
            "country": trace.verdict.country,
            "confidence": trace.verdict.confidence,
            "outcome": trace.outcome,
            "provider": provider(trace),
            "sealed": seal(opened.key, TRACE, trace_id, trace),
        },
    )


def provider(trace: Trace) -> str | None:
    """Return whose network a host is in, for figures: its operator, else the holder of its AS; None for several."""
    named = {one.operator or one.as_name or one.asn for one in trace.addresses}
    (only,) = named if len(named) == 1 else (None,)
    return f"AS{only}" if isinstance(only, int) else only


def shown(trace: Trace, trace_id: str) -> dict[str, Any]:
    """Return what a case's row says of its last trace: it was not gone, or it begins to be."""
    return dict(NOT_GONE) | {
        "trace_id": trace_id,
        "traced_at": micros(trace.traced_at),
        "verdict": trace.verdict.kind,
        "hosting_country": trace.verdict.country,
        "registration_country": trace.verdict.registration_country,
        "confidence": trace.verdict.confidence,
    }
