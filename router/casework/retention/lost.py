"""Forget what left of cases that a restore lost, and that nobody reported again in the time that cases are kept.

Of such a case is known what its ledger had: partners' references and the location's blind index. When it was closed
nobody knows, so its time runs from when it left, or was taken back. What an embargo names is kept.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, func, or_, select

from router.casework.case.embargo import holding, in_force
from router.casework.context import Context
from router.store.base import Remove, Row, Transition
from router.store.schema.tables import left_before_restore

_LEFT: Final = left_before_restore
#: Rows looked at, and forgotten, in one turn.
PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Lost:
    """Referrals of lost cases whose time is over."""

    forgotten: int = 0
    held: int = 0  #: kept, by an embargo


async def forget_lost(ctx: Context, period: int, *, dry_run: bool) -> Lost:
    """Forget what is older than this period, in microseconds, or count it. Raise StoreUnavailable."""
    known = await in_force(ctx)
    forgotten = held = 0
    after = (0, "")
    while rows := await _over(ctx, ctx.now() - period, after):
        after = (int(rows[-1]["at"]), rows[-1]["id"])
        over = [row["id"] for row in rows if not holding(known, frozenset({bytes(row["url_bidx"])}))]
        if over and not dry_run:
            await ctx.store.commit(Transition(ctx.now(), removes=[Remove(_LEFT, {"id": one}) for one in over]))
        forgotten, held = forgotten + len(over), held + len(rows) - len(over)
    return Lost(forgotten, held)


async def _over(ctx: Context, until: int, after: tuple[int, str]) -> list[Row]:
    """Return the next of those that are so old."""
    at = func.coalesce(_LEFT.c.taken_back_at, _LEFT.c.left_at)
    later = or_(at > after[0], and_(at == after[0], _LEFT.c.id > after[1]))
    wanted = select(_LEFT.c.id, _LEFT.c.url_bidx, at.label("at")).where(at <= until, later)
    return await ctx.store.rows(wanted.order_by(at, _LEFT.c.id).limit(PAGE))
