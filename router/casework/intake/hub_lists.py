"""Walk the lists of a hub without losing what it gave to us: where a list is read from next, and what is new on it.

A list says at most so many numbers, of what was assigned from a moment on. It is read again from there until all that
it named was read itself; only then does its window move. While it is full, the window moves to the date of its last
entry, where the hub lists in the order of dates. Where it does not, more is there than anybody can see, and people hear
of it. A day is read again each time: a hub may list something later than it dates it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select

from router.casework.context import Context
from router.clock import moment
from router.partners.base import Deferred, Refused
from router.partners.inbox import Inbox, Page
from router.store.base import Add, Change, Row
from router.store.schema.tables import hub_items

#: How far back each reading goes behind the last one. The public client's operators rewind by a day each night.
OVERLAP: Final = timedelta(days=1)
#: How far back the first reading goes.
FIRST: Final = timedelta(days=365)
#: How soon a content that was another hotline's is read again while the lists name it.
ELSEWHERE_AGAIN: Final = timedelta(days=1)
#: After so many tries a content fails alone: neither the others nor the lists wait for it, and it is read again only
#: so much later. Our own choice.
STUBBORN: Final = 3
STUBBORN_AGAIN: Final = timedelta(minutes=10)
_MICRO: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class Windows:
    """From when on each list is read, in microseconds: where its window begins, and how far in it we are."""

    begins: dict[str, int] = field(default_factory=dict)
    within: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)  #: lists of the first reading that were read through

    @classmethod
    def read(cls, text: str) -> "Windows":
        """Return what is kept."""
        return cls(**json.loads(text)) if text != "{}" else cls()

    def kept(self) -> str:
        """Return what is to be kept."""
        return json.dumps({"begins": self.begins, "within": self.within, "done": self.done})

    def again_from(self, point: int) -> None:
        """Read every list again from a moment on: what was listed after it may be on none of those read since."""
        self.begins = {name: min(at, point) for name, at in self.begins.items()}
        self.within, self.done = {}, []


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of walking a list by one page."""

    adds: tuple[Add, ...] = ()
    changes: tuple[Change, ...] = ()
    is_over: bool = False  #: nothing more is on it for now
    is_stuck: bool = False  #: it holds more than it shows
    failed: Deferred | Refused | None = None


def to_walk(inbox: Inbox, windows: Windows) -> list[str]:
    """Return the lists to be read: those of the first time too until each was read through once."""
    return [*inbox.lists, *(name for name in inbox.first if name not in windows.done)]


async def walk(ctx: Context, partner: str, inbox: Inbox, name: str, windows: Windows) -> Walked:
    """Read one page of a list, and note in `windows` from where it is read next."""
    asked = ctx.now()
    begins = windows.begins.get(name, asked - FIRST // _MICRO)
    since = windows.within.get(name, begins - OVERLAP // _MICRO)
    page = await inbox.page(name, moment(since))
    if not isinstance(page, Page):
        return Walked(failed=page)
    known = await _known(ctx, partner, page.numbers)
    fresh = [number for number in page.numbers if number not in known]
    again = [row for row in known.values() if _is_due_again(row, asked)]
    if fresh or again:
        return Walked(tuple(_listed(partner, one, asked) for one in fresh), tuple(_again(row) for row in again))
    if any(row["state"] == "listed" and row["tries"] < STUBBORN for row in known.values()):
        return Walked()  # they are read first; the window waits for them
    if not page.is_full:
        windows.begins[name] = asked
        windows.within.pop(name, None)
        if name in inbox.first:
            windows.done.append(name)
        return Walked(is_over=True)
    return _full(windows, name, since, [known[number] for number in page.numbers])


def _full(windows: Windows, name: str, since: int, rows: Sequence[Row]) -> Walked:
    """Go on behind the last entry of a list that is full, where it is in the order of dates."""
    dates = [row["assigned_at"] for row in rows if row["assigned_at"] is not None]
    in_order = all(one <= other for one, other in pairwise(dates))
    if in_order and dates and dates[-1] // 1_000_000 > since // 1_000_000:
        windows.within[name] = dates[-1]
        return Walked()
    return Walked(is_over=True, is_stuck=True)


async def _known(ctx: Context, partner: str, numbers: Sequence[str]) -> Mapping[str, Row]:
    wanted = select(hub_items).where(and_(hub_items.c.partner == partner, hub_items.c.number.in_(numbers)))
    return {row["number"]: row for row in (await ctx.store.rows(wanted) if numbers else [])}


def _is_due_again(row: Row, now: int) -> bool:
    return row["state"] == "elsewhere" and now - (row["read_at"] or 0) >= ELSEWHERE_AGAIN // _MICRO


def _listed(partner: str, number: str, now: int) -> Add:
    return Add(hub_items, {"partner": partner, "number": number, "state": "listed", "listed_at": now})


def _again(row: Row) -> Change:
    key = {"partner": row["partner"], "number": row["number"]}
    return Change(hub_items, key, {"state": "listed", "tries": 0}, guard={"state": "elsewhere"})


async def listed(ctx: Context, partner: str, most: int) -> list[Row]:
    """Return contents that are to be read now: first those that failed least often, then the oldest."""
    waiting = and_(hub_items.c.partner == partner, _to_be_read(ctx))
    order: tuple[Any, ...] = (hub_items.c.tries, hub_items.c.listed_at, hub_items.c.number)
    return await ctx.store.rows(select(hub_items).where(waiting).order_by(*order).limit(most))


def _to_be_read(ctx: Context) -> ColumnElement[bool]:
    late = ctx.now() - STUBBORN_AGAIN // _MICRO
    return and_(hub_items.c.state == "listed", or_(hub_items.c.tries < STUBBORN, hub_items.c.read_at <= late))


async def unacknowledged(ctx: Context, partner: str, most: int) -> list[Row]:
    """Return contents that we took, and the hub does not know that we have."""
    waiting = and_(hub_items.c.partner == partner, hub_items.c.state == "taken", hub_items.c.acknowledged_at.is_(None))
    return await ctx.store.rows(select(hub_items).where(waiting).order_by(hub_items.c.listed_at).limit(most))


async def is_any_left(ctx: Context, partner: str, *, acknowledges: bool) -> bool:
    """Tell whether something listed is to be read now, or to be acknowledged."""
    unread = _to_be_read(ctx)
    unsaid = and_(hub_items.c.state == "taken", hub_items.c.acknowledged_at.is_(None))
    left = or_(unread, unsaid) if acknowledges else unread
    return bool(await ctx.store.rows(select(hub_items.c.number).where(hub_items.c.partner == partner, left).limit(1)))
