"""What a source may see of its reports: its own only, and nothing that tells whether a location was known before.

A case's id repeats for a location that is already being worked on, so a source that may not read cases gets, in its
place, an id of the item itself: derived from the report and the item's place in it, it is new for every report.
"""

from uuid import UUID, uuid5

from sqlalchemy import select

from router.casework.context import Context
from router.errors import NotFound
from router.guard.access import Permission
from router.store.schema.tables import reports
from schemas.actor import Actor
from schemas.report import ReportTaken


async def check_own(ctx: Context, report_id: str, actor: Actor) -> None:
    """Raise NotFound, in the words used for an unknown id, when the actor is a source and the report another's."""
    if actor.source is None:
        return
    rows = await ctx.store.rows(select(reports.c.source).where(reports.c.id == report_id))
    if not rows or rows[0]["source"] != actor.source:
        raise NotFound("There is no report with this id; check it.")


def as_seen_by(taken: ReportTaken, actor: Actor) -> ReportTaken:
    """Return the answer to a report as the actor may see it."""
    if Permission.CASE_READ in actor.permissions:
        return taken
    items = tuple(one.model_copy(update={"case": opaque(taken.id, one.index)}) for one in taken.items)
    return taken.model_copy(update={"items": items})


def opaque(report_id: str, index: int) -> str:
    """Return the id of an item as its source knows it (UUIDv5 of its report and place, RFC 9562)."""
    return str(uuid5(UUID(report_id), f"item/{index}"))
