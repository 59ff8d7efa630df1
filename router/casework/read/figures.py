"""Figures over a period for whoever asks: counted from what is kept apart from what is erased (`router/figures`)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.clock import micros, moment
from router.errors import BadInput
from router.figures.count import Counted, Key
from router.figures.definitions import NEWEST, definitions
from router.figures.read import count, live_since
from router.figures.small import FEWEST_SHOWN
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
    stays = await _stay_hidden(ctx, (period, now), (other, before)) if audience is Audience.PUBLIC else ()
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


async def _stay_hidden(ctx: Context, *columns: tuple[Period, Counted]) -> tuple[frozenset[Key], ...]:
    """Return what of each of these periods is not shown to everybody because of what earlier editions showed or hid."""
    wanted = select(figure_editions.c.body).where(figure_editions.c.audience == Audience.PUBLIC)
    said = [Figures.model_validate_json(row["body"]) for row in await ctx.store.rows(wanted)]
    shown = [column for one in said for column in _columns(one)]
    return tuple(
        frozenset(key for other, numbers in shown for key in _told_by(period, now, other, numbers))
        for period, now in columns
    )


def _columns(said: Figures) -> Iterator[tuple[Period, dict[Key, int | None]]]:
    """Yield both periods of an edition, each with its numbers; None where one was hidden."""
    yield said.period, {(one.measure, one.dimension, one.key): one.value for one in said.figures}
    if said.against is not None:
        yield said.against, {(one.measure, one.dimension, one.key): one.before for one in said.figures}


def _told_by(period: Period, now: Counted, other: Period, numbers: Mapping[Key, int | None]) -> Iterator[Key]:
    """Yield what an edition's numbers keep from being shown.

    What it hid of the same days stays hidden. Of days that hold these, or are held by them, the rest is had by taking
    one from the other: where that rest is few, it would be shown.
    """
    if other == period:
        yield from (key for key, value in numbers.items() if value is None)
    elif _holds(period, other) or _holds(other, period):
        rests = ((key, abs(now.numbers[key] - value)) for key, value in numbers.items() if value is not None)
        yield from (key for key, rest in rests if 0 < rest < FEWEST_SHOWN)


def _holds(one: Period, other: Period) -> bool:
    return one.first <= other.first and other.last <= one.last
