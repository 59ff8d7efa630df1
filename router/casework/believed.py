"""What time may end: the one gate that is asked wherever a date alone ends something. A wrong clock ends nothing.

A clock more than a day off would erase years too early, end embargoes and what police asked for, close cases by checks
that were never so far apart, and let agreements run out. `is_over` answers for one date and `ended_by` for all: now, as
long as the clock is believed, and else the last moment at which it was.

It is believed as long as its own counter, which nobody sets, passed the time since the last beat, kept each hour; or as
long as beats are less than a day apart. A gap that nobody counted is a clock that was moved, or a router that was off.
Then it is believed again once it shows what it would show had it never been moved, a partner's answer says the same
time, a person says that it is right, or, where the gap is no longer than routers are off, nobody objected for a day.
Partners whose clocks together are a day from ours stop it as well, unless a person said that ours is right.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from statistics import median
from typing import Final, NamedTuple

from sqlalchemy import select

from router.casework.context import NEVER, Context
from router.clock import micros, moment
from router.errors import Conflict
from router.figures.doubted import unmarked
from router.store.base import Add, Change, Event, Remove, Transition, with_beside
from router.store.schema.tables import meta, partner_state
from schemas.actor import ROUTER

_MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1) // _MICROSECOND
_HOUR: Final = timedelta(hours=1) // _MICROSECOND
_SECOND: Final = 1_000_000
#: For so long routers are off, for a repair or a holiday: nobody has to say anything after that.
_OFF: Final = 7 * DAY
#: For so long an answer holds that the clock is believed; it is asked at every send.
_HOLDS: Final = timedelta(seconds=5) // _MICROSECOND
#: Rows of `meta`: when the last beat was; since when the clock is doubted; when a person said that it is right.
_BEAT: Final = "clock_beat"
_STOPPED: Final = "clock_stopped"
_SAID: Final = "clock_said_right"
#: That partners' clocks together are apart from ours. By this row and by `_STOPPED` figures mark what they keep (0063).
_APART: Final = "clock_apart"
#: Between which dates figures are still to be marked: what was dated before a doubt was found.
_UNMARKED: Final = "clock_unmarked"
#: By how much a process sees later than another one that the clock was moved: each looks every 15 s (`store/clock`).
_SEEN_APART: Final = 30 * _SECOND
_MOVED: Final = (
    "The clock was moved, or this router was off, between {last:%Y-%m-%d %H:%M} and {since:%Y-%m-%d %H:%M} UTC: no date"
    " ends anything until the clock is set right, or `clock confirm` says that it is."
)
_SILENT: Final = (
    "The clock says {now:%Y-%m-%d %H:%M} UTC, and the last beat was at {last:%Y-%m-%d %H:%M}: no date ends anything"
    " until the clock is set right, or `clock confirm` says that it is."
)
_PARTNERS: Final = (
    "The partners' clocks are {days:.0f} days from ours: no date ends anything until ours is set right, or"
    " `clock confirm` says that it is."
)
_RIGHT_ALREADY: Final = "The clock is believed; there is nothing to confirm."


class _Stopped(NamedTuple):
    """A doubt. Moments in microseconds."""

    last: int  #: the last moment at which the clock was believed
    since: int  #: what it showed when it was found moved
    counted: int  #: how much time passed in doubt before `since`

    def passed(self, now: int) -> int:
        """Return what the clock would show had it never been moved; `now` is what it shows."""
        return self.last + self.counted + max(0, now - self.since)


async def is_over(ctx: Context, at: int) -> bool:
    """Tell whether a date has come, in microseconds, and may end what it ends. Raise StoreUnavailable."""
    return at <= ctx.now() and at <= await believed(ctx)


async def is_believed(ctx: Context) -> bool:
    """Tell whether the clock is believed. Raise StoreUnavailable."""
    return await _last_believed(ctx) is None


async def ended_by(ctx: Context) -> int:
    """Return the moment up to which dates have ended what they end, in microseconds. Raise StoreUnavailable."""
    return min(ctx.now(), await believed(ctx))


async def today(ctx: Context) -> date:
    """Return the day by which agreements end, in UTC. Raise StoreUnavailable."""
    return moment(await believed(ctx)).date()


async def counted_since(ctx: Context) -> int:
    """Return since when a span of this clock is time that passed, in microseconds: since it was moved, if it was."""
    known = await _known(ctx)
    stopped = _stopped(ctx, known, ctx.now())
    return NEVER if stopped is None else stopped.since


async def over_among(ctx: Context, dates: Iterable[int]) -> int:
    """Return the moment up to which these dates end anything: of none that has come it is not asked."""
    now = ctx.now()
    return await ended_by(ctx) if any(at <= now for at in dates) else now


async def believed(ctx: Context) -> int:
    """Return the time that is believed, in microseconds: now, else the last moment that was; or partners' time.

    It is later than now where the clock was set back. Raise StoreUnavailable.
    """
    last = await _last_believed(ctx)
    return ctx.now() if last is None else last


async def _last_believed(ctx: Context) -> int | None:
    """Return the time that is believed where the clock is not, in microseconds; None where it is."""
    now = ctx.now()
    if 0 <= now - ctx.belief.at < _HOLDS:
        return None
    known = await _known(ctx)
    if (stopped := _stopped(ctx, known, now)) is not None:
        return stopped.last
    if (ahead := await _partners_ahead(ctx, known)) != 0:
        return now + ahead
    ctx.belief.at = now
    return None


async def doubt(ctx: Context) -> str | None:
    """Return why the clock is not believed, None when it is. Raise StoreUnavailable."""
    known, now = await _known(ctx), ctx.now()
    if (stopped := _stopped(ctx, known, now)) is not None:
        text = _MOVED if _STOPPED in known else _SILENT
        return text.format(last=moment(stopped.last), since=moment(stopped.since), now=moment(now))
    if (ahead := await _partners_ahead(ctx, known)) == 0:
        return None
    return _PARTNERS.format(days=abs(ahead) / DAY)


async def beat(ctx: Context) -> None:
    """Keep that the router lives and what its clock says, once an hour, and whether that is believed.

    Figures mark what is dated in doubt as it is written; what was dated before the doubt was found is marked here.
    Raise StoreUnavailable.
    """
    await _beat(ctx)
    known = await _known(ctx)
    if _UNMARKED in known:
        await _mark(ctx, *_unpacked(known[_UNMARKED]))


async def _beat(ctx: Context) -> None:
    known, now = await _known(ctx), ctx.now()
    last = _last(known)
    before = _of(known)
    doubted = _stopped(ctx, known, now)
    ended = before is not None and doubted is not None and _is_right_again(doubted, now)
    after = None if ended else doubted
    apart = await _partners_ahead(ctx, known) != 0
    if last is not None and 0 <= now - last < _HOUR and before == after and apart == (_APART in known):
        return
    rows: dict[str, bytes | None] = {_BEAT: _packed(now)}
    if apart != (_APART in known):
        rows[_APART] = b"" if apart else None
    events: tuple[Event, ...] = ()
    if before != after:
        rows[_STOPPED] = None if after is None else _packed(*after)
    if before is None and after is not None:
        rows[_SAID] = None
        rows[_UNMARKED] = _packed(*_dated_since_moved(ctx, after.last, now))
        events = (Event("clock.doubted", ROUTER.id, detail={"last": _iso(after.last), "now": _iso(now)}),)
    elif ended:
        events = (Event("clock.believed", ROUTER.id, detail={"now": _iso(now)}),)
    await _kept(ctx, known, rows, Transition(now, events=events))


def _dated_since_moved(ctx: Context, last: int, now: int) -> tuple[int, int]:
    """Return between which dates lies what the moved clock dated before it was found moved.

    Ahead nothing else has such dates. Behind the same moments were measured rightly once: the less is marked of them.
    """
    if now > last:
        return last + 2 * _HOUR, now
    return min(now, micros(ctx.clock.counted_from())) - _SEEN_APART, now


async def _mark(ctx: Context, first: int, last: int) -> None:
    """Mark what was dated so; cut at any moment, the next beat goes on."""
    with suppress(Conflict):  # another process marks it, or it is dated anew at this moment
        async for adds in unmarked(ctx.store, first, last):
            if adds:
                await ctx.store.commit(Transition(ctx.now(), adds=tuple(adds)))
        await ctx.store.commit(Transition(ctx.now(), removes=(Remove(meta, {"name": _UNMARKED}),)))


async def heard(ctx: Context, ahead: int | None) -> None:
    """Take a partner's word, in its answer of this moment, for the time: it was so many seconds ahead of ours."""
    if ahead is None or abs(ahead) * _SECOND >= DAY or await is_believed(ctx):
        return
    known, now = await _known(ctx), ctx.now()
    if _stopped(ctx, known, now) is not None:
        rows: dict[str, bytes | None] = {_BEAT: _packed(now), _STOPPED: None}
        believed = Event("clock.believed", ROUTER.id, detail={"now": _iso(now)})
        await _kept(ctx, known, rows, Transition(now, events=(believed,)))


async def said_right(ctx: Context, said: Transition) -> None:
    """Take a person's word that the clock is right; `said` keeps who and why. Raise Conflict when nobody doubts it."""
    if await doubt(ctx) is None:
        raise Conflict(_RIGHT_ALREADY, reason="not_now")
    known, now = await _known(ctx), ctx.now()
    await _kept(ctx, known, {_BEAT: _packed(now), _STOPPED: None, _APART: None, _SAID: _packed(now)}, said)


def _stopped(ctx: Context, known: Mapping[str, bytes], now: int) -> _Stopped | None:
    """Return the doubt that stands now: the one that is kept, with what happened since the last beat."""
    stopped, last = _of(known), _last(known)
    if last is None or micros(ctx.clock.counted_from()) <= last <= now:
        return stopped
    if stopped is not None:  # what nobody counted did not pass: of a clock in doubt less than a day is as much
        return _Stopped(stopped.last, now, stopped.counted + max(0, last - stopped.since))
    return None if abs(now - last) < DAY else _Stopped(last, now, 0)


def _is_right_again(stopped: _Stopped, now: int) -> bool:
    """Tell whether what the clock shows is what it would show, or what nobody objected to for a day."""
    waited = now - stopped.since >= DAY and 0 < stopped.since - stopped.last <= _OFF
    return waited or abs(now - stopped.passed(now)) < DAY


async def _partners_ahead(ctx: Context, known: Mapping[str, bytes]) -> int:
    """Return by how much partners' clocks are ahead of ours together, in microseconds, where that is a day or more.

    0 is also what nobody asks about any more, since a person has said that ours is right.
    """
    if _SAID in known:
        return 0
    said = select(partner_state.c.clock_ahead).where(partner_state.c.clock_ahead.is_not(None))
    ahead = [row["clock_ahead"] for row in await ctx.store.rows(said)]
    off = round(median(ahead) * _SECOND) if ahead else 0
    return off if abs(off) >= DAY else 0


async def _known(ctx: Context) -> dict[str, bytes]:
    rows = await ctx.store.rows(select(meta).where(meta.c.name.in_([_BEAT, _STOPPED, _SAID, _APART, _UNMARKED])))
    return {row["name"]: bytes(row["value"]) for row in rows}


async def _kept(ctx: Context, known: Mapping[str, bytes], rows: Mapping[str, bytes | None], said: Transition) -> None:
    """Write these rows of `meta` (None: it goes) with what is said of them, unless another process was faster."""
    written = {name: value for name, value in rows.items() if value is not None}
    change = [
        Change(meta, {"name": name}, {"value": value}, guard={"value": known[name]})
        for name, value in written.items()
        if name in known
    ]
    add = [Add(meta, {"name": name, "value": value}) for name, value in written.items() if name not in known]
    remove = [Remove(meta, {"name": name}) for name in rows if name in known and name not in written]
    with suppress(Conflict):
        await ctx.store.commit(with_beside(Transition(ctx.now(), tuple(change), tuple(add), tuple(remove)), said))
        ctx.belief.at = NEVER


def _last(known: Mapping[str, bytes]) -> int | None:
    return _unpacked(known[_BEAT])[0] if _BEAT in known else None


def _of(known: Mapping[str, bytes]) -> _Stopped | None:
    return _Stopped(*_unpacked(known[_STOPPED])) if _STOPPED in known else None


def _packed(*moments: int) -> bytes:
    return b"".join(one.to_bytes(8, signed=True) for one in moments)


def _unpacked(value: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(value[at : at + 8], signed=True) for at in range(0, len(value), 8))


def _iso(at: int) -> str:
    return moment(at).isoformat(timespec="seconds")
