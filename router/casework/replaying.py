"""What was decided, read back: for `policy explain --case`, and replayed under another policy for `policy diff`."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from router.casework.context import Context
from router.errors import NotFound
from router.policy.diff import Changed, Stored, diff
from router.policy.load import load
from router.store.base import Row
from router.store.tables import decisions
from schemas.decision import Decision
from schemas.facts import Facts


async def last_decision(ctx: Context, case_id: str) -> Decision:
    """Return what was last decided on a case, without the reason a person typed. Raise NotFound, StoreUnavailable."""
    of_case = select(decisions).where(decisions.c.case_id == case_id)
    rows = await ctx.store.rows(of_case.order_by(decisions.c.decided_at.desc(), decisions.c.id.desc()).limit(1))
    if not rows:
        raise NotFound("There is no decision on a case with this id yet; check the id, or wait until it is traced.")
    return _stored(rows[0]).decision


async def replay(ctx: Context, text: str, limit: int = 1000) -> list[Changed]:
    """Return what another policy would change in the last `limit` decisions, newest first.

    Raise PolicyInvalid when the text is no policy, StoreUnavailable.
    """
    directory = await ctx.governance.directory()
    policy = load(text, directory)
    rows = await ctx.store.rows(_last(limit))
    now: datetime = ctx.clock.now()
    return list(diff((_stored(row) for row in rows), policy, directory, now))


def _last(limit: int) -> Select[Any]:
    """Ids sort by time, so the last ones stand at the end of the primary key: no other index is needed to find them."""
    last = select(decisions).order_by(decisions.c.id.desc()).limit(limit).subquery()
    return select(last).order_by(last.c.decided_at.desc(), last.c.id.desc())


def _stored(row: Row) -> Stored:
    facts = Facts.model_validate_json(row["facts"])
    return Stored(row["case_id"], facts, Decision.model_validate_json(row["decision"]))
