"""How much one person looks at: counted by day, with the house's limits and pauses; for them and the wellbeing lead.

Nobody is ranked, and nobody else is told. The pause holds nobody back from a child in danger: whoever is at the limit
is first offered to hand it to somebody else, and may then reveal it all the same. What a report says that the house
calls grave is told before a location is shown: that it is, and not what.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.clock import end_of_day, micros, moment
from router.errors import NotAllowed
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


def shown_at_once(ctx: Context, actor: Actor, number: int) -> list[Add]:
    """Return what counts so many locations that a person is given at once: as many reveals."""
    return [_add(ctx, _person(actor), "reveal") for _ in range(number)]


async def _seen_lately(ctx: Context, by: str) -> list[datetime]:
    """Return when a person was shown something, the latest first, as far back as a pause depends on it."""
    limits, now = ctx.door.exposure, ctx.clock.now()
    if limits.a_day is None and limits.an_hour is None:
        return []
    since = micros(min(_began(ctx, now.astimezone(ctx.zone).date()), now - _HOUR - limits.pause))
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
    """Return what counts a reveal.

    Raise NotAllowed in a pause: `pause`, or `pause_risk` where `anyway` lets it go on.
    """
    by = _person(actor)
    until = await pause_of(ctx, by)
    if until is not None and not at_risk:
        local = until.astimezone(ctx.zone)
        raise NotAllowed(_PAUSED.format(until=f"{local:%H:%M %Z}"), reason="pause")
    if until is not None and not anyway:
        raise NotAllowed(_AT_RISK, reason="pause_risk")
    return _add(ctx, by, "reveal", past_pause=until is not None)


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


def _add(ctx: Context, by: str, kind: str, *, past_pause: bool = False) -> Add:
    return Add(exposures, {"id": new_id(), "by": by, "at": ctx.now(), "kind": kind, "past_pause": int(past_pause)})


def _person(actor: Actor) -> str:
    return actor.id.partition("/")[0]
