"""How much one person looks at: counted by day, with the house's limits and pauses; for them and the wellbeing lead.

Nobody is ranked, and nobody else is told. The pause holds nobody back from a child in danger: whoever is at the limit
is first offered to hand it to somebody else, and may then reveal it all the same. What a report says that the house
calls grave is told before a location is shown: that it is, and not what.

A limit holds for acts of the same moment too: each reveal has the number after the last one of its person that was
there before they were counted, and of two with the same number one is a Conflict, to be counted anew.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, select

from router.casework.context import Context
from router.clock import end_of_day, micros, moment
from router.errors import Conflict, NotAllowed
from router.store.base import Add, Transition
from router.store.ids import new_id
from router.store.schema.tables import exposures
from schemas.actor import Actor
from schemas.casefile import ItemSecrets
from schemas.people import ExposureDay

#: Days that are shown.
SHOWN: Final = 28
_HOUR: Final = timedelta(hours=1)
_PAUSED: Final = "You have looked at as much as the house wants you to for now; it goes on at {until}."
_AT_RISK: Final = (
    "You are at the house's limit for now, and a child may be in danger: hand it to somebody else who is there, or"
    " reveal it all the same."
)


def is_grave(ctx: Context, given: Iterable[ItemSecrets]) -> bool:
    """Tell whether a report says what the house has told in neutral words before a location is shown."""
    told = frozenset(ctx.door.exposure.grave)
    return bool(told) and any(not told.isdisjoint(_said(one)) for one in given)


def _said(item: ItemSecrets) -> Iterator[str]:
    if item.age is not None:
        yield f"age:{item.age}"
    if item.severity is not None:
        yield f"severity:{item.severity.scheme}:{item.severity.value}"
    for label in item.labels:
        yield f"label:{label.scheme}:{label.value}"


async def pause_of(ctx: Context, by: str) -> datetime | None:
    """Return until when a person is to pause; None when they need not."""
    return _pause(ctx, await _seen_lately(ctx, by), ctx.clock.now())


async def allowance(ctx: Context, actor: Actor, wanted: int) -> int:
    """Return how many of so many locations a person may be shown at once before they are to pause."""
    now = ctx.clock.now()
    seen = await _seen_lately(ctx, _person(actor))
    for number in range(wanted):
        if _pause(ctx, seen, now) is not None:
            return number
        seen.insert(0, now)
    return wanted


async def shown_at_once(ctx: Context, actor: Actor, number: int) -> list[Add]:
    """Return what counts so many locations that a person is given at once: as many reveals.

    Raise Conflict where they may not be given all of them any more.
    """
    by = _person(actor)
    numbers = await _numbers(ctx, by, number)
    if await allowance(ctx, actor, number) < number:
        raise Conflict
    return [_add(ctx, by, "reveal", number=one) for one in numbers]


async def _numbers(ctx: Context, by: str, wanted: int) -> Sequence[int | None]:
    """Return the numbers of a person's next reveals, read before they are counted; without limits they have none."""
    if not _limited(ctx):
        return [None] * wanted
    (row,) = await ctx.store.rows(select(func.max(exposures.c.number).label("last")).where(exposures.c.by == by))
    first = (row["last"] or 0) + 1
    return range(first, first + wanted)


def _limited(ctx: Context) -> bool:
    return ctx.door.exposure.a_day is not None or ctx.door.exposure.an_hour is not None


async def _seen_lately(ctx: Context, by: str) -> list[datetime]:
    """Return when a person was shown something, the latest first, as far back as a pause depends on it."""
    if not _limited(ctx):
        return []
    now = ctx.clock.now()
    since = micros(min(_began(ctx, now.astimezone(ctx.zone).date()), now - _HOUR - ctx.door.exposure.pause))
    mine = (exposures.c.by == by) & (exposures.c.at >= since) & (exposures.c.kind == "reveal")
    rows = await ctx.store.rows(select(exposures.c.at).where(mine).order_by(exposures.c.at.desc()))
    return [moment(row["at"]) for row in rows]


def _pause(ctx: Context, seen: Sequence[datetime], now: datetime) -> datetime | None:
    limits, day_began = ctx.door.exposure, _began(ctx, now.astimezone(ctx.zone).date())
    if limits.a_day is not None and sum(at >= day_began for at in seen) >= limits.a_day:
        return end_of_day(now, ctx.zone)
    if limits.an_hour is not None and len(seen) >= limits.an_hour:
        last, first = seen[0], seen[limits.an_hour - 1]
        if last - first < _HOUR and now < last + limits.pause:
            return last + limits.pause
    return None


async def revealing(ctx: Context, actor: Actor, *, at_risk: bool, anyway: bool) -> Add:
    """Return what counts a reveal: a Conflict when it is committed after another one of that person, to be asked anew.

    Past the limit nobody's limit depends on it, so nothing keeps it from a child in danger. Raise NotAllowed in a
    pause: `pause`, or `pause_risk` where `anyway` lets it go on.
    """
    by = _person(actor)
    (number,) = await _numbers(ctx, by, 1)
    until = await pause_of(ctx, by)
    if until is not None and not at_risk:
        local = until.astimezone(ctx.zone)
        raise NotAllowed(_PAUSED.format(until=f"{local:%H:%M %Z}"), reason="pause")
    if until is not None and not anyway:
        raise NotAllowed(_AT_RISK, reason="pause_risk")
    return _add(ctx, by, "reveal", number=number) if until is None else _add(ctx, by, "reveal", past_pause=True)


async def looked(ctx: Context, actor: Actor) -> None:
    """Count that a person looked whether something is gone."""
    await ctx.store.commit(Transition(ctx.now(), adds=(_add(ctx, _person(actor), "look"),)))


async def exposure(ctx: Context, name: str | None = None) -> list[ExposureDay]:
    """Return how often everybody looked, or one person, in the last days: by name, and by day."""
    since = micros(_began(ctx, ctx.clock.now().astimezone(ctx.zone).date() - timedelta(days=SHOWN - 1)))
    wanted = select(exposures.c.by, exposures.c.at, exposures.c.kind, exposures.c.past_pause)
    wanted = wanted.where(exposures.c.at >= since)
    if name is not None:
        wanted = wanted.where(exposures.c.by == f"person:{name}")
    rows = await ctx.store.rows(wanted)
    counted = Counter(
        (row["by"].partition(":")[2], moment(row["at"]).astimezone(ctx.zone).date(), kind)
        for row in rows
        for kind in (row["kind"], *(("past_pause",) if row["past_pause"] else ()))
    )
    return list(_days(counted))


def _days(counted: Counter[tuple[str, date, str]]) -> Iterable[ExposureDay]:
    for account, day in sorted({(account, day) for account, day, _ in counted}):
        numbers = {kind: counted[account, day, kind] for kind in ("reveal", "look", "past_pause")}
        yield ExposureDay(
            account=account,
            day=day,
            reveals=numbers["reveal"],
            looks=numbers["look"],
            past_pause=numbers["past_pause"],
        )


def _began(ctx: Context, day: date) -> datetime:
    return datetime.combine(day, time(), ctx.zone)


def _add(ctx: Context, by: str, kind: str, *, past_pause: bool = False, number: int | None = None) -> Add:
    row = {"id": new_id(), "by": by, "at": ctx.now(), "kind": kind, "past_pause": int(past_pause), "number": number}
    return Add(exposures, row)


def _person(actor: Actor) -> str:
    return actor.id.partition("/")[0]
