"""When a case is looked at next: the one way to date it, and the dates that count.

Every open case has a next date or a place on the desk. No other file writes that date (`test_house.py` says so).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from router.casework.context import Context
from router.store.base import LookUp, Row
from router.store.schema.tables import follow_ups
from schemas.states import ReferralState

_CHECKS: Final = LookUp(
    select(follow_ups.c.case_id, follow_ups.c.due_at).where(follow_ups.c.done_at.is_(None)), follow_ups.c.case_id
)
#: What the router tries by itself; the rest waits for people.
TRIED: Final = frozenset({ReferralState.WAITING, ReferralState.SENDING})
#: Of what something is still to come: an outcome, a date, or a person's word.
UNFINISHED: Final = TRIED | {ReferralState.HELD, ReferralState.UNKNOWN}


def look_at(at: int | None) -> dict[str, Any]:
    """Return the column that dates a case's next look, in microseconds; None leaves it to people, or to nobody."""
    return {"next_at": at}


def later(ctx: Context) -> int:
    """Return when somebody must look whether what is to leave has left, in microseconds."""
    return ctx.now() + patience(ctx)


def patience(ctx: Context) -> int:
    """Return how long a delivery may take before people are asked, in microseconds."""
    return round(ctx.undelivered_after * 1_000_000)


def next_look(ctx: Context, rows: Iterable[Row], *dates: int | None) -> int | None:
    """Return the earliest of what is due for a case: these dates, and a look at referrals that are not finished."""
    known = list(rows)
    watched = later(ctx) if any(row["state"] in UNFINISHED for row in known) else None
    return min((at for at in (*dates, watched, asking_due(ctx, known)) if at is not None), default=None)


def asking_due(ctx: Context, rows: Iterable[Row]) -> int | None:
    """Return when a partner that tells nothing by itself is asked next what became of a referral, in microseconds."""
    return min((at for row in rows if (at := _asked_at(ctx, row)) is not None), default=None)


def _asked_at(ctx: Context, row: Row) -> int | None:
    dialect = ctx.dialects.get(row.get("dialect") or "") if row["state"] == ReferralState.ACCEPTED else None
    if dialect is None or dialect.asked_every is None:
        return None
    return int(row["status_at"] or row["accepted_at"]) + dialect.asked_every // timedelta(microseconds=1)


async def check_due(ctx: Context, case_id: str) -> int | None:
    """Return when the case's open check is due, or None when it has none."""
    return (await checks_due(ctx, [case_id])).get(case_id)


async def checks_due(ctx: Context, case_ids: Iterable[str]) -> dict[str, int]:
    """Return when the open check of each case that has one is due."""
    found = await ctx.store.look_up(_CHECKS, case_ids)
    return {case_id: int(rows[0]["due_at"]) for case_id, rows in found.items()}
