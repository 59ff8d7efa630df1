"""A number for each report of an earlier version, given at the first start of one that draws them (revision 0012)."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from sqlalchemy import select

from router.casework.case.sealed import ITEM, each_key, item_secrets, seal
from router.casework.context import Context
from router.errors import Conflict, Damaged
from router.store.base import Change, Row, Transition
from router.store.ids import new_dossier
from router.store.schema.tables import items, reports

_PAGE: Final = 500


async def number_reports(ctx: Context) -> None:
    """Give a number to each report that has none. Raise StoreUnavailable."""
    without = select(reports.c.id).where(reports.c.dossier.is_(None)).limit(_PAGE)
    while rows := await ctx.store.rows(without):
        drawn = {row["id"]: new_dossier() for row in rows}
        with suppress(Conflict):  # another process was first, or a number is taken: look again, draw again
            await ctx.store.commit(Transition(ctx.now(), await _numbered(ctx, drawn)))


async def _numbered(ctx: Context, drawn: dict[str, str]) -> Sequence[Change]:
    """Return what writes the numbers, also into the sealed items: that is what goes to partners."""
    changes = [Change(reports, {"id": one}, {"dossier": made}, guard={"dossier": None}) for one, made in drawn.items()]
    found = await ctx.store.rows(select(items).where(items.c.report_id.in_(sorted(drawn))))
    keys = await each_key(ctx, (row["case_id"] for row in found))
    for row in found:
        if (key := keys.get(row["case_id"])) is not None:  # it may have been erased, or be damaged
            with suppress(Damaged):
                secrets = item_secrets(key, row["id"], row["sealed"])
                secrets = secrets.model_copy(update={"dossier": drawn[row["report_id"]]})
                changes.append(_resealed(row, seal(key, ITEM, row["id"], secrets)))
    return changes


def _resealed(row: Row, sealed: bytes) -> Change:
    return Change(items, {"id": row["id"]}, {"sealed": sealed}, guard={"sealed": row["sealed"]})
