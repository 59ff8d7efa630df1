"""How many of the desk each choice of its filter would leave, and each kept list has: true, and never by a scan.

Tallies tell most of it. Beside them stand the cases that people have for several reasons: where these are more than
`MOST`, they are not looked at, and a reason has "at least" so many. Choices stand without a number where something is
wanted that tallies do not know. A list that is kept is counted to `MOST` then.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from router.casework.context import Context
from router.casework.read.desk_page import count_on_desk
from router.casework.read.narrowed import Kinds, asked_beside, number_of
from router.casework.read.stats import due_before
from router.clock import end_of_day, micros, moment
from router.store.base import Row
from router.store.schema.tables import cases, tallies
from schemas.actor import Actor
from schemas.pages import DeskWanted, Due
from schemas.states import CaseState
from schemas.views import Count, DeskCounts, DeskView

#: So many are counted one by one.
MOST: Final = 1_000
#: What tallies know of a case on the desk; an order narrows nothing.
_TALLIED: Final = frozenset({"reason", "source", "country", "at_risk"})
_BY: Final = (tallies.c.reason, tallies.c.source, tallies.c.country, tallies.c.mark)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What tallies know of the desk: rows of a first reason, source, country and risk; and what has several reasons."""

    rows: Sequence[Row]
    also: Sequence[Row]
    more: bool  #: more have several reasons than are looked at, and `also` has none of them

    def count(self, wanted: DeskWanted) -> Count:
        """Return how many there are of what is wanted."""
        n = sum(row["n"] for row in self.rows if _meets(row, wanted) and wanted.reason in (None, row["reason"]))
        if wanted.reason is None:
            return Count(n=n)
        beside = (row for row in self.also if row["reason"] != wanted.reason and wanted.reason in row["beside"])
        return Count(n=n + sum(_meets(row, wanted) for row in beside), more=self.more)

    def values(self, name: str) -> list[str]:
        """Return what there is of a reason, a source or a country."""
        found = {row[name] for row in self.rows if row["n"]} - {""}
        return sorted(found | ({code for row in self.also for code in row["beside"]} if name == "reason" else set()))


def _meets(row: Row, wanted: DeskWanted) -> bool:
    return (
        wanted.source in (None, row["source"])
        and wanted.country in (None, row["country"])
        and (not wanted.at_risk or row["mark"] == 1)
    )


async def counts(ctx: Context, wanted: DeskWanted) -> DeskCounts:
    """Return how many the list that is wanted would have by each other choice of one thing."""
    return DeskCounts() if _given(wanted) - _TALLIED else await _counts(ctx, await _known(ctx), wanted)


async def _counts(ctx: Context, desk: _Desk, wanted: DeskWanted) -> DeskCounts:
    def each(name: str) -> dict[str, Count]:
        return {one: desk.count(wanted.model_copy(update={name: one})) for one in desk.values(name)}

    return DeskCounts(
        reasons=each("reason"),
        sources=each("source"),
        countries=each("country"),
        at_risk=desk.count(wanted.model_copy(update={"at_risk": True})),
        due={} if _given(wanted) else await _due(ctx),
    )


async def counted(ctx: Context, views: Iterable[DeskView], reader: Actor) -> list[DeskView]:
    """Return the lists that are kept, each with how many it has for this reader."""
    kept = list(views)
    return await _counted(ctx, await _known(ctx), kept, reader) if kept else []


async def _counted(ctx: Context, desk: _Desk, kept: Sequence[DeskView], reader: Actor) -> list[DeskView]:
    async def one(wanted: DeskWanted) -> Count:
        if not _given(wanted) - _TALLIED:
            return desk.count(wanted)
        n, more = await count_on_desk(ctx, wanted, reader, MOST)
        return Count(n=n, more=more)

    found = await asyncio.gather(*(one(view.wanted) for view in kept))
    return [view.model_copy(update={"count": count}) for view, count in zip(kept, found, strict=True)]


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a page of the desk: what it can be narrowed by, how many each leaves, and the kept lists."""

    kinds: Kinds
    counts: DeskCounts
    views: list[DeskView]


async def around(ctx: Context, wanted: DeskWanted, views: Iterable[DeskView], reader: Actor) -> Around:
    """Return all of it by one look at what is known of the desk: `narrowed.kinds`, `counts` and `counted` at once."""
    desk, beside = await asyncio.gather(_known(ctx), asked_beside(ctx))
    reasons, sources, countries = (desk.values(name) for name in ("reason", "source", "country"))
    return Around(
        Kinds(tuple(sorted({*reasons, *beside})), tuple(sources), tuple(countries)),
        DeskCounts() if _given(wanted) - _TALLIED else await _counts(ctx, desk, wanted),
        await _counted(ctx, desk, list(views), reader),
    )


def _given(wanted: DeskWanted) -> set[str]:
    return set(wanted.model_dump(exclude_defaults=True, exclude={"order"}))


async def _due(ctx: Context) -> dict[Due, Count]:
    until = {Due.OVERDUE: ctx.now(), Due.TODAY: micros(end_of_day(moment(ctx.now()), ctx.zone))}
    return {due: Count(n=n) for due, n in zip(until, await due_before(ctx, *until.values()), strict=True)}


async def _known(ctx: Context) -> _Desk:
    here = (tallies.c.kind == "case", tallies.c.state == CaseState.DESK)
    summed = select(*_BY, func.sum(tallies.c.n).label("n")).where(*here).group_by(*_BY)
    several = select(cases.c.desk_code, cases.c.desk_also, cases.c.source, cases.c.hosting_country, cases.c.rank)
    some = several.where(cases.c.desk_also.is_not(None), cases.c.desk_code.is_not(None))
    there_are = some.with_only_columns(cases.c.id)  # by the index alone: what is counted is not read
    rows, there = await asyncio.gather(ctx.store.rows(summed), number_of(ctx, there_are, MOST))
    also = await ctx.store.rows(some) if there <= MOST else []
    return _Desk([{**row, "n": int(row["n"])} for row in rows], [_beside(row) for row in also], there > MOST)


def _beside(row: Row) -> dict[str, Any]:
    codes = frozenset(code for code in row["desk_also"].split(",") if code)
    where = {"source": row["source"] or "", "country": row["hosting_country"] or ""}
    return {**where, "reason": row["desk_code"], "beside": codes, "mark": int(row["rank"] == 0)}
