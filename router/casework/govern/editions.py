"""What is published is frozen: figures word for word, their digest in the audit chain, corrected by another edition.

Nobody changes an edition, and there is no way to take one back: whoever read it could not be told. A later one of the
same days says why there is one.
"""

from hashlib import sha256
from typing import Final

from sqlalchemy import and_, select

from router.casework.context import Context
from router.casework.listing import Listing, newest
from router.casework.read.figures import counted
from router.clock import moment
from router.errors import BadInput, NotFound
from router.store.base import Add, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import figure_editions
from schemas.actor import Actor
from schemas.published import Audience, EditionGiven, EditionView, Period

_NOT_OVER: Final = "The period is not over; what is published of it would be wrong tomorrow. Give days that are past."
_SAY_WHY: Final = "There is an edition of these days already; say why there is to be another one."
#: Editions on one page of their list.
PAGE: Final = 50


async def publish(ctx: Context, given: EditionGiven, actor: Actor) -> EditionView:
    """Count and freeze an edition. Raise BadInput, Conflict (somebody else made one at this moment)."""
    today = ctx.clock.now().astimezone(ctx.zone).date()
    if given.last >= today:
        raise BadInput(_NOT_OVER, field="last", reason="not_over")
    earlier = await _editions(ctx, given)
    if earlier and not given.reason:
        raise BadInput(_SAY_WHY, field="reason", reason="another_edition")
    period = Period(first=given.first, last=given.last)
    said = await counted(ctx, given.audience, period, against=given.against)
    body = said.model_dump_json()
    row = {
        "id": new_id(),
        "audience": given.audience,
        "first_day": given.first.isoformat(),
        "last_day": given.last.isoformat(),
        "number": len(earlier) + 1,
        "made_at": ctx.now(),
        "by": actor.id,
        "reason": given.reason,
        "digest": sha256(body.encode()).hexdigest(),
        "body": body,
    }
    what = f"{given.audience.value} {row['first_day']}/{row['last_day']}"
    detail = {"scope": what, "version": row["number"], "sha256": row["digest"]}
    event = Event("figures.published", actor.id, detail=detail)
    await ctx.store.commit(Transition(ctx.now(), adds=(Add(figure_editions, row),), events=(event,)))
    return _view(row)


async def _editions(ctx: Context, given: EditionGiven) -> list[Row]:
    kept = figure_editions.c
    days = and_(kept.first_day == given.first.isoformat(), kept.last_day == given.last.isoformat())
    return await ctx.store.rows(select(kept.number).where(and_(kept.audience == given.audience, days)))


async def editions(ctx: Context, *, cursor: str | None = None, limit: int = PAGE) -> Listing[EditionView]:
    """Return a page of what was published, the newest first. Raise BadInput for a cursor that is no edition's id."""
    found = await newest(ctx, figure_editions.c.made_at, cursor=cursor, limit=limit)
    return Listing([_view(row) for row in found.items], found.total, found.more, found.next)


async def edition(ctx: Context, edition_id: str) -> EditionView:
    """Return one edition. Raise NotFound."""
    rows = await ctx.store.rows(select(figure_editions).where(figure_editions.c.id == edition_id))
    if not rows:
        raise NotFound("There is no edition with this id; `figures --editions` lists them.")
    return _view(rows[0])


def _view(row: Row) -> EditionView:
    return EditionView(
        id=row["id"],
        audience=Audience(row["audience"]),
        period=Period(first=row["first_day"], last=row["last_day"]),
        number=row["number"],
        made_at=moment(row["made_at"]),
        by=row["by"],
        reason=row["reason"],
        digest=row["digest"],
        body=row["body"],
    )
