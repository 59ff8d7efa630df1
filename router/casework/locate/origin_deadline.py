"""The clock of a CDN's answer: how long the desk waits for the origin behind an edge before it decides without it.

The clock starts when the desk is asked for the origin, and runs for the policy's `origin_wait`. Once it has run out,
the facts carry `origin_unknown`, and go on carrying it as long as only the edge is known: a person who confirms what
was proposed then is not asked for the origin again.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from router.casework import believed
from router.casework.case.desk_entry import question_of
from router.casework.context import Context
from router.store.base import Row
from router.store.schema.tables import decisions
from schemas.casefile import DeskCode
from schemas.facts import Facts
from schemas.policy import Policy
from schemas.trace import VerdictKind

#: What a route of the policy asks for among the reasons of a verdict.
ORIGIN_UNKNOWN: Final = "origin_unknown"


def origin_due(case: Mapping[str, Any], policy: Policy) -> int | None:
    """Return when the case is decided without its origin, in microseconds; None when the origin is not asked for."""
    asked = None if case["desk_code"] is None else question_of(case, DeskCode.EDGE_ONLY)
    if asked is None:
        return None
    return asked.since + policy.origin_wait // timedelta(microseconds=1)


async def is_over(ctx: Context, case: Mapping[str, Any], policy: Policy) -> bool:
    """Tell whether the origin was asked for, and not named in time."""
    due = origin_due(case, policy)
    return due is not None and await believed.is_over(ctx, due)


async def with_origin_unknown(ctx: Context, case: Row, known: Facts, policy: Policy) -> Facts:
    """Return the facts, saying so when nobody named the origin behind the edge in time."""
    if known.verdict is not VerdictKind.EDGE_ONLY:
        return known
    if not await is_over(ctx, case, policy) and not await _said_before(ctx, case):
        return known
    return known.model_copy(update={"reasons": (*known.reasons, ORIGIN_UNKNOWN)})


async def _said_before(ctx: Context, case: Row) -> bool:
    if case["decision_id"] is None:
        return False
    rows = await ctx.store.rows(select(decisions.c.facts).where(decisions.c.id == case["decision_id"]))
    return bool(rows) and ORIGIN_UNKNOWN in Facts.model_validate_json(rows[0]["facts"]).reasons
