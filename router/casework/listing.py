"""A page of a list: what of it, how much there is in all, and where the next page begins."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, func, select, tuple_

from router.casework.context import Context
from router.errors import BadInput
from router.store.base import Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A page of a list, how much there is in all, and where the page ended."""

    items: list[T]
    total: int  #: how many there are; with `more`, at least so many
    more: bool
    next: str | None


async def newest(ctx: Context, at: Column[Any], *, cursor: str | None, limit: int) -> Listing[Row]:
    """Return a page of the rows of a table whose rows never move, by when they came (`at`), the newest first.

    `cursor` is the id of the last row of the page before. Raise BadInput where there is none such (any more).
    """
    table, order = at.table, (at, at.table.c.id)
    wanted = select(table).order_by(*(one.desc() for one in order)).limit(limit + 1)
    if cursor is not None:
        last = await ctx.store.rows(select(*order).where(table.c.id == cursor))
        if not last:
            raise BadInput("This is not where a page ended; start again from the newest.", field="cursor")
        wanted = wanted.where(tuple_(*order) < tuple(last[0].values()))
    rows = await ctx.store.rows(wanted)
    (there,) = await ctx.store.rows(select(func.count().label("n")).select_from(table))
    following = rows[limit - 1]["id"] if len(rows) > limit else None
    return Listing(rows[:limit], int(there["n"]), more=False, next=following)
