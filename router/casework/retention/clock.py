"""Is the clock to be believed by whom erasing rests on it? A clock more than a day off erases years too early.

A beat is kept each hour. A day or more without one is a clock that was moved, or a router that was off, and nobody can
tell which: nothing is erased for a day after it, in which people see what the clock says. Partners' clocks are asked
too, as they said the time in their last answers.
"""

from contextlib import suppress
from datetime import timedelta
from statistics import median
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.clock import moment
from router.errors import Conflict
from router.store.base import Add, Change, Transition
from router.store.schema.tables import meta, partner_state

_MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1) // _MICROSECOND
_HOUR: Final = timedelta(hours=1) // _MICROSECOND
#: Rows of `meta`: when the last beat was, and when the last one came a day or more late, or early.
_BEAT: Final = "clock_beat"
_DOUBTED: Final = "clock_doubted"
_MOVED: Final = (
    "The clock was moved, or this router was off, until {at:%Y-%m-%d %H:%M} UTC: nothing is erased for a day."
)
_SILENT: Final = "The clock says {now:%Y-%m-%d %H:%M} UTC, and the last beat was at {at:%Y-%m-%d %H:%M}: set it right."
_PARTNERS: Final = "The clocks of {count} partners are {days:.0f} days from ours: set ours right."


async def beat(ctx: Context) -> None:
    """Keep that the router lives and what its clock says, once an hour. Raise StoreUnavailable."""
    known, now = await _known(ctx), ctx.now()
    last = known.get(_BEAT)
    if last is not None and 0 <= now - last < _HOUR:
        return
    moved = last is not None and abs(now - last) >= DAY
    with suppress(Conflict):  # another process was faster
        changes = [_BEAT, *([_DOUBTED] if moved else [])]
        await ctx.store.commit(
            Transition(
                now,
                tuple(Change(meta, {"name": one}, {"value": _bytes(now)}) for one in changes if one in known),
                tuple(Add(meta, {"name": one, "value": _bytes(now)}) for one in changes if one not in known),
            )
        )


async def doubt(ctx: Context) -> str | None:
    """Return why the clock is not believed, None when it is. Raise StoreUnavailable."""
    known, now = await _known(ctx), ctx.now()
    if (last := known.get(_BEAT)) is not None and abs(now - last) >= DAY:
        return _SILENT.format(now=moment(now), at=moment(last))
    if (doubted := known.get(_DOUBTED)) is not None and abs(now - doubted) < DAY:
        return _MOVED.format(at=moment(doubted))
    said = select(partner_state.c.clock_ahead).where(partner_state.c.clock_ahead.is_not(None))
    ahead = [row["clock_ahead"] for row in await ctx.store.rows(said)]
    off = median(ahead) / 86400 if ahead else 0.0
    return _PARTNERS.format(count=len(ahead), days=abs(off)) if abs(off) >= 1 else None


async def _known(ctx: Context) -> dict[str, int]:
    rows = await ctx.store.rows(select(meta).where(meta.c.name.in_([_BEAT, _DOUBTED])))
    return {row["name"]: int.from_bytes(row["value"], signed=True) for row in rows}


def _bytes(at: int) -> bytes:
    return at.to_bytes(8, signed=True)
