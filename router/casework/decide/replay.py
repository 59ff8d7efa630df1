"""What was decided, read back: for `policy explain --case`, and replayed under another policy for `policy diff`."""

from collections.abc import AsyncIterator
from typing import Final

from sqlalchemy import select

from router.casework.case.marks import host_named
from router.casework.context import Context
from router.casework.decide.decision_row import decision_of
from router.errors import Damaged, NotFound
from router.policy.diff import Changed
from router.policy.judge import unsaid_in
from router.store.base import Row
from router.store.schema.tables import cases, decisions
from schemas.decision import Decision

#: Decisions read at once, of all that are replayed.
_PAGE: Final = 200


async def last_decision(ctx: Context, case_id: str) -> Decision:
    """Return what was last decided on a case, without the reason a person typed and what is read with the location.

    Raise NotFound, Damaged, StoreUnavailable.
    """
    of_case = select(decisions).where(decisions.c.case_id == case_id)
    rows = await ctx.store.rows(of_case.order_by(decisions.c.decided_at.desc(), decisions.c.id.desc()).limit(1))
    if not rows:
        raise NotFound("There is no decision on a case with this id yet; check the id, or wait until it is traced.")
    if (found := decision_of(rows[0])) is None:
        raise Damaged
    return unsaid_in(found)


async def replay(ctx: Context, text: str, limit: int = 1000) -> list[Changed]:
    """Return what another policy would change in the last `limit` decisions, newest first.

    Raise PolicyInvalid when the text is no policy or takes too long to judge, Unavailable, StoreUnavailable.
    """
    directory = await ctx.governance.directory()
    return await ctx.policies.diff(text, directory, ctx.clock.now(), last(ctx, limit))


async def last(ctx: Context, limit: int) -> AsyncIterator[Row]:
    """Yield the last decisions, newest first, a page at a time.

    Ids sort by time, so the last ones stand at the end of the primary key: no other index is needed to find them. Where
    clocks of several processes disagree, the date says what is newer.
    """
    of_case = decisions.outerjoin(cases, cases.c.id == decisions.c.case_id)
    newest = select(decisions, cases.c.host_bidx).select_from(of_case).order_by(decisions.c.id.desc())
    page = await ctx.store.rows(newest.limit(min(limit, _PAGE)))
    while page:
        for row in sorted(page, key=lambda row: (row["decided_at"], row["id"]), reverse=True):
            yield row | {"host": host_named(row["host_bidx"])}
        limit -= len(page)
        older = newest.where(decisions.c.id < page[-1]["id"])
        page = await ctx.store.rows(older.limit(min(limit, _PAGE))) if limit else []
