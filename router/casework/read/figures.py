"""Figures over a period for whoever asks: counted from what is kept apart from what is erased (`router/figures`)."""

from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.clock import micros, moment
from router.errors import BadInput
from router.figures.count import Counted, Key
from router.figures.definitions import NEWEST, definitions
from router.figures.read import count, live_since
from router.figures.table import curves, figures, same_days
from router.store.schema.tables import figure_editions
from schemas.published import Audience, Figures, Period

#: A longer period is a mistake of typing, and a costly one.
_LONGEST: Final = timedelta(days=3660)
_NO_NOTICES: Final = "No notices yet: nothing was sent to a provider in this period."
_NOTHING: Final = "Nothing was received in this period."


async def counted(
    ctx: Context, audience: Audience, period: Period, *, against: int | None = None, version: str = NEWEST
) -> Figures:
    """Count a period beside the same days of another year, by default of the one before. Raise BadInput.

    A period without anything in it is answered, and so is one in which no notice was sent.
    """
    meant = definitions(version)
    _check(period)
    other = _beside(period, period.first.year - 1 if against is None else against)
    now, before = [await _count(ctx, one, version) for one in (period, other)]
    stays = await _hidden_before(ctx, period, other) if audience is Audience.PUBLIC else (frozenset(), frozenset())
    rows = figures(audience, meant, now, before, stays)
    since = await live_since(ctx.store)
    return Figures(
        audience=audience,
        definitions=version,
        period=period,
        against=other,
        zone=str(ctx.zone),
        live_since=None if since is None else moment(since).astimezone(ctx.zone).date(),
        answer=_answer(audience, now),
        figures=rows,
        curves=curves(audience, now),
        means=dict(meant.means),
    )


def _check(period: Period) -> None:
    if period.last < period.first:
        raise BadInput("The last day is before the first one; write them the other way round.", field="to")
    if period.last - period.first > _LONGEST:
        raise BadInput("Ask for ten years at most at once.", field="from")


def _beside(period: Period, year: int) -> Period:
    try:
        return same_days(period, year)
    except (ValueError, OverflowError):
        raise BadInput("There is no such year; write one of four digits.", field="against") from None


def _answer(audience: Audience, now: Counted) -> str | None:
    if audience is Audience.DSA:
        return None if now.numbers["notices", "total", "all"] else _NO_NOTICES
    return None if now.numbers else _NOTHING


async def _count(ctx: Context, period: Period, version: str) -> Counted:
    _, policy = await ctx.governance.policy()
    found = Counted(policy.home, definitions(version).eea, ctx.zone)
    start, end = (micros(_midnight(ctx, day)) for day in (period.first, period.last + timedelta(days=1)))
    await count(ctx.store, start, end, found)
    return found


def _midnight(ctx: Context, day: date) -> datetime:
    return datetime.combine(day, time(), ctx.zone)


async def _hidden_before(ctx: Context, *periods: Period) -> tuple[frozenset[Key], ...]:
    """Return what earlier editions for everybody did not show of each of these periods: it is not shown now either."""
    wanted = select(figure_editions.c.body).where(figure_editions.c.audience == Audience.PUBLIC)
    said = [Figures.model_validate_json(row["body"]) for row in await ctx.store.rows(wanted)]
    kept: list[set[Key]] = [set() for _ in periods]
    for one in said:
        for period, hides in zip(periods, kept, strict=True):
            if one.period == period:
                hides |= {(row.measure, row.dimension, row.key) for row in one.figures if row.hidden}
            if one.against == period:
                hides |= {(row.measure, row.dimension, row.key) for row in one.figures if row.hidden_before}
    return tuple(frozenset(one) for one in kept)
