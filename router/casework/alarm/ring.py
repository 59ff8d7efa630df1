"""One claimed alarm: told to each receiver whose time has come, once, and dated for the next.

What was told is committed after each answer, so a worker that dies in between tells at most that one receiver a second
time, with the same identifiers. A receiver that fails keeps no other from being told, and nothing but alarms waits.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import orjson
from sqlalchemy import and_, func, select

from router.casework.alarm.house import BEGUN, HELD, is_over_now, open_house
from router.casework.alarm.payload import letter, webhook
from router.casework.alarm.record import is_critical, record
from router.casework.alarm.ways import Way, in_force, ways
from router.casework.context import Context
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import alarms, cases, items, reports, sources
from schemas.actor import ROUTER
from schemas.alarm import AlarmSettings, HouseCode, Mail
from schemas.states import CaseState

_MICROS: Final = 1_000_000
_HOUR: Final = 3600 * _MICROS
#: How often what is quiet (acknowledged, or of a source that may not ring) is looked at, to see whether it is over.
_LOOK: Final = 60 * _MICROS
_LOOK_QUIET: Final = 900 * _MICROS
#: After a failure: 10 s, doubled each time, until it is as long as the time between two rings.
_AGAIN: Final = 10 * _MICROS
#: Failures in a row after which a way is an alarm of its own.
DOWN_AFTER: Final = 3
#: Receivers told in one claim: each may take its whole deadline, and the claim must outlast them.
_AT_ONCE: Final = 4
#: Times that the end of an alarm is tried to be told; it ended all the same.
_END_TRIES: Final = 5

Told = dict[str, dict[str, int]]


async def admit(ctx: Context, row: Row) -> Row | None:
    """Return a claimed alarm that is to be rung now; None for one that nobody is rung for, which is dated anew.

    Asked one after another, so that of many that come at once only so many ring one by one.
    """
    new = row["case_id"] is not None and row["told"] in ("{}", HELD)
    if not new or row["resolved_at"] is not None or row["acknowledged_at"] is not None:
        return row
    try:
        settings = await in_force(ctx.store)
        if await _is_over(ctx, row, await _case(ctx, row)):
            return row
        if not await _may_ring(ctx, row):
            await _write(ctx, row, {"next_at": ctx.now() + _LOOK_QUIET}, done=True)
            return None
        if await _rung_in_the_last_hour(ctx) >= settings.most_per_hour:
            await _write(ctx, row, {"told": HELD, "next_at": ctx.now() + _LOOK}, done=True)
            await open_house(ctx, HouseCode.MANY)
            return None
        return await _write(ctx, row, {"told": BEGUN})
    except Conflict:  # somebody acknowledged it meanwhile
        return None


async def ring(ctx: Context, row: Row) -> None:
    """Tell whoever is due of a claimed alarm, and date it anew. Conflict: somebody acknowledged it meanwhile."""
    settings = await in_force(ctx.store)
    case = await _case(ctx, row)
    with suppress(Conflict):
        if row["resolved_at"] is None and await _is_over(ctx, row, case):
            row = await _write(ctx, row, {"resolved_at": ctx.now()})
        if row["resolved_at"] is not None:
            await _end(ctx, row, settings, case)
        elif row["acknowledged_at"] is not None:
            await _write(ctx, row, {"next_at": ctx.now() + _LOOK}, done=True)
        else:
            await _round(ctx, row, settings, case)


async def _round(ctx: Context, row: Row, settings: AlarmSettings, case: Row | None) -> None:
    told: Told = orjson.loads(row["told"])
    pause = _pause(row, settings)
    due = [way for way in ways(settings) if _due(row, way, told, pause, case) <= ctx.now()]
    for way in due[:_AT_ONCE]:
        told[way.name] = await _tell(ctx, row, way, told.get(way.name, {}), settings, case)
        row = await _write(ctx, row, {"told": orjson.dumps(told).decode()})
        if told[way.name]["failed"] == DOWN_AFTER:
            await open_house(ctx, HouseCode.WAY_DOWN)
    dates = [_due(row, way, told, pause, case) for way in ways(settings)]
    await _write(ctx, row, {"next_at": min(dates, default=ctx.now() + _LOOK)}, done=True)


def _pause(row: Row, settings: AlarmSettings) -> int:
    """Return how long after a ring the next one follows: by the hour where no case rings."""
    pause = round(settings.repeat.total_seconds() * _MICROS)
    return pause if is_critical(row) else max(pause, _HOUR)


def _due(row: Row, way: Way, told: Told, pause: int, case: Row | None) -> int:
    """Return when a way is told next: so long after the alarm began, when the case is due, and again until answered."""
    known = told.get(way.name)
    if known is None:
        return int(row["placed_at"]) + way.after
    if known["failed"]:
        return known["tried"] + min(pause, _AGAIN << min(known["failed"] - 1, 20))
    again = known["tried"] + pause
    due = None if case is None else case["desk_due"]
    return min(again, due) if due is not None and known["tried"] < due else again


async def _tell(
    ctx: Context, row: Row, way: Way, known: Mapping[str, int], settings: AlarmSettings, case: Row | None
) -> dict[str, int]:
    """Tell one receiver; return what is known of it now: how often it was told, when tried, failures in a row."""
    times, failed = known.get("times", 0), known.get("failed", 0)
    try:
        await _say(ctx, row, way, times + 1, settings, case)
    except RouterError as error:
        get_log("alarm").warning("alarm_way_failed", way=way.name, code=error.code, reason=error.reason)
        return {"times": times, "tried": ctx.now(), "failed": failed + 1}
    return {"times": times + 1, "tried": ctx.now(), "failed": 0}


async def _say(ctx: Context, row: Row, way: Way, times: int, settings: AlarmSettings, case: Row | None) -> None:
    assert ctx.bell is not None
    due = None if case is None else case["desk_due"]
    said = record(row, due, settings, me=ctx.me, console=ctx.console)
    now = ctx.clock.now()
    if isinstance(way.to, Mail):
        assert settings.relay is not None
        made = letter(said, times, settings.relay.sender, way.to.to, now)
        await ctx.bell.letter(settings.relay, made, way.to.to)
    else:
        await ctx.bell.webhook(way.to, webhook(said, way.to.shape, now))


async def _end(ctx: Context, row: Row, settings: AlarmSettings, case: Row | None) -> None:
    """Tell the webhooks that rang that it is over; a mailbox needs no letter to say so."""
    told: Told = orjson.loads(row["told"])
    waiting = [way for way in ways(settings) if not isinstance(way.to, Mail) and told.get(way.name, {}).get("times")]
    for way in waiting:
        known = await _tell(ctx, row, way, told[way.name], settings, case)
        told[way.name] = known if known["failed"] and known["failed"] < _END_TRIES else known | {"times": 0}
        row = await _write(ctx, row, {"told": orjson.dumps(told).decode()})
    left = any(told[way.name]["times"] for way in waiting)
    await _write(ctx, row, {"next_at": ctx.now() + _AGAIN if left else None}, done=True)


async def _write(ctx: Context, row: Row, values: Mapping[str, Any], *, done: bool = False) -> Row:
    """Commit what is known of the alarm now; with `done` the claim is let go. Raise Conflict when it was answered."""
    change = Change(alarms, {"id": row["id"]}, values, row["version"], keep_claim=not done)
    events: tuple[Event, ...] = ()
    if "resolved_at" in values:
        events = (Event("alarm.resolved", ROUTER.id, row["case_id"], None, {"desk": row["code"]}),)
    await ctx.store.commit(Transition(ctx.now(), (change,), events=events))
    return {**row, **values, "version": row["version"] + 1}


async def _case(ctx: Context, row: Row) -> Row | None:
    if row["case_id"] is None:
        return None
    wanted = select(cases.c.state, cases.c.desk_alarm, cases.c.desk_due).where(cases.c.id == row["case_id"])
    found = await ctx.store.rows(wanted)
    return found[0] if found else None


async def _is_over(ctx: Context, row: Row, case: Row | None) -> bool:
    if row["case_id"] is None:
        return await is_over_now(ctx, row)
    return case is None or case["state"] == CaseState.CLOSED or case["desk_alarm"] != row["id"]


async def _may_ring(ctx: Context, row: Row) -> bool:
    """Tell whether one of the sources that reported the case may wake somebody up."""
    who = (
        select(func.max(sources.c.may_ring).label("may"))
        .select_from(items.join(reports, reports.c.id == items.c.report_id))
        .join(sources, sources.c.name == reports.c.source)
        .where(items.c.case_id == row["case_id"])
    )
    return bool((await ctx.store.rows(who))[0]["may"])


async def _rung_in_the_last_hour(ctx: Context) -> int:
    recent = and_(alarms.c.case_id.is_not(None), alarms.c.placed_at > ctx.now() - _HOUR)
    rung = and_(recent, alarms.c.told.not_in(["{}", HELD]))
    return int((await ctx.store.rows(select(func.count().label("n")).select_from(alarms).where(rung)))[0]["n"])


def failing(told: str) -> list[str]:
    """Return the ways that did not work when they were last tried."""
    known: Told = orjson.loads(told)
    return sorted(name for name, one in known.items() if one["failed"])
