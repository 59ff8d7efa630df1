"""Which other cases belong to a case: its page and its files, where it leads and what led to it, before and after."""

from collections.abc import Iterable, Iterator

from sqlalchemy import and_, select

from router.casework.case.record import Opened
from router.casework.context import Context
from router.store.schema.tables import cases
from schemas.case_page import LinkedCase, Relation
from schemas.casefile import ItemView


async def linked(ctx: Context, opened: Opened, reported: Iterable[ItemView]) -> tuple[LinkedCase, ...]:
    """Return them, each once; whichever of two is read, it names the other."""
    found = [
        *_of_items(reported),
        *_of_case(opened),
        *[(Relation.CAME_BACK_AS, one) for one in await _after(ctx, opened)],
    ]
    return tuple(LinkedCase(relation=how, case=case) for how, case in dict.fromkeys(found) if case != opened.id)


def _of_items(reported: Iterable[ItemView]) -> Iterator[tuple[Relation, str]]:
    for item in reported:
        if item.page is not None:
            yield Relation.PAGE, item.page
        for one in item.files:
            yield Relation.FILE, one
        if item.through is not None:
            yield Relation.LED_HERE, item.through


def _of_case(opened: Opened) -> Iterator[tuple[Relation, str]]:
    if opened.secrets.leads_to is not None:
        yield Relation.LEADS_TO, opened.secrets.leads_to
    if opened.row["came_back_from"] is not None:
        yield Relation.CAME_BACK_FROM, opened.row["came_back_from"]


async def _after(ctx: Context, opened: Opened) -> list[str]:
    """Return the cases that were opened because this location came back; found by its mark, which is indexed."""
    same = and_(cases.c.url_bidx == opened.row["url_bidx"], cases.c.came_back_from == opened.id)
    rows = await ctx.store.rows(select(cases.c.id).where(same).order_by(cases.c.opened_at, cases.c.id))
    return [row["id"] for row in rows]
