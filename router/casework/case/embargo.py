"""Is a case held by an embargo? The one question that every way out asks, right before anything leaves or is looked up.

`check_free` and `held_among` are that question. It is answered by what the store says at that moment, never by what a
turn began with, and costs one look where no embargo is open. What an embargo names is known by its marks only
(`marks`). What it holds is dated for its end, and goes on by itself then; each time is an entry of the audit's.

Where a child is at risk it never keeps silent: the case goes to people, and rings until somebody is on it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import is_asked, put_on_desk
from router.casework.case.due_times import is_at_risk
from router.casework.case.marks import marks_of, of_location
from router.casework.case.next_look import look_at
from router.casework.case.record import Opened, open_case, open_cases
from router.casework.context import Context
from router.clock import moment
from router.errors import Conflict, Damaged, NotFound, Unavailable
from router.guard.access import Permission
from router.store.base import Add, Change, Event, LookUp, Row, Transition
from router.store.schema.tables import cases, embargo_hits, embargoes
from schemas.actor import ROUTER, Actor
from schemas.casefile import DeskCode
from schemas.embargo import HeldView, Way
from schemas.locator import Locator
from schemas.states import CaseState

#: States of an embargo's row.
OPEN: Final = "open"
ENDED: Final = "ended"
#: `last_reason` of a referral that an embargo holds.
EMBARGO: Final = "embargo"
_OPEN: Final = LookUp(select(embargoes), embargoes.c.state)
_SAID: Final = "Held; ask {ask}."
_NOT_NOW: Final = "This cannot be looked up now; ask again later."
_AT_RISK: Final = "Held, and a child may be in danger now: call {ask}."


@dataclass(frozen=True, slots=True)
class Embargo:
    """One that is in force, as far as anybody may know."""

    id: str
    marks: frozenset[bytes]
    ask: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Held:
    """Why nothing of a case leaves: the embargoes that hold it, the one that lasts longest first."""

    by: tuple[Embargo, ...]

    @property
    def ask(self) -> str:
        """Return whom people ask."""
        return self.by[0].ask

    @property
    def since(self) -> int:
        """Return when the first of them began, in microseconds."""
        return min(one.since for one in self.by)

    @property
    def until(self) -> int:
        """Return when the last of them ends, in microseconds."""
        return self.by[0].until

    @property
    def until_moment(self) -> datetime:
        """Return the same as a moment."""
        return moment(self.until)

    @property
    def text(self) -> str:
        """Return what people read."""
        return _SAID.format(ask=self.ask)

    def view(self) -> HeldView:
        """Return what lists and pages show."""
        return HeldView(
            ask=self.ask, since=moment(self.since), until=self.until_moment, embargoes=tuple(one.id for one in self.by)
        )


class Embargoed(Conflict):
    """An embargo holds this; ask who is named. Nothing of it leaves or is looked up until it ends."""

    def __init__(self, held: Held) -> None:
        """Say whom to ask."""
        super().__init__(held.text, reason=EMBARGO)
        self.held = held


async def in_force(ctx: Context) -> tuple[Embargo, ...]:
    """Return the embargoes in force at this moment; most houses have none."""
    return in_force_of((await ctx.store.look_up(_OPEN, [OPEN])).get(OPEN, []), ctx.now())


def in_force_of(rows: Iterable[Row], now: int) -> tuple[Embargo, ...]:
    """Return those of these open embargoes whose date has not come."""
    return tuple(
        Embargo(row["id"], _marks(row), row["ask"], row["since"], row["until"]) for row in rows if row["until"] > now
    )


def _marks(row: Row) -> frozenset[bytes]:
    return frozenset(bytes.fromhex(one) for one in json.loads(row["marks"]))


async def held_among(ctx: Context, opened: Iterable[Opened]) -> dict[str, Held]:
    """Return by id those of the cases that an embargo holds now."""
    if not (known := await in_force(ctx)):
        return {}
    found = {one.id: holding(known, await marks_of(ctx, one)) for one in opened}
    return {case_id: held for case_id, held in found.items() if held is not None}


async def held_ids(ctx: Context, case_ids: Iterable[str]) -> dict[str, Held]:
    """Return the same of cases by their ids, whose secrets are not open; none that was erased."""
    if not await in_force(ctx):
        return {}
    return await held_among(ctx, (await open_cases(ctx, case_ids)).values())


async def held_location(ctx: Context, locator: Locator) -> Held | None:
    """Return what holds a location that belongs to no case, such as one that somebody asks about."""
    return holding(known, of_location(ctx.keyring, locator)) if (known := await in_force(ctx)) else None


async def check_may_ask(ctx: Context, locator: Locator, actor: Actor) -> None:
    """Raise unless anybody may ask where a location is, which belongs to no case; that somebody tried is logged.

    Raise Embargoed for whoever may read cases. Others are told what they are told when name servers are away: whether a
    location is under embargo is not theirs to learn.
    """
    if (held := await held_location(ctx, locator)) is None:
        return
    await ctx.store.commit(Transition(ctx.now(), events=hit(held, Way.LOCATE, None, actor=actor.id)))
    if Permission.CASE_READ in actor.permissions:
        raise Embargoed(held)
    raise Unavailable(_NOT_NOW, retry_after=3600)


async def check_free(ctx: Context, opened: Opened) -> None:
    """Raise Embargoed when an embargo holds the case now."""
    if (held := (await held_among(ctx, [opened])).get(opened.id)) is not None:
        raise Embargoed(held)


async def held_rows(ctx: Context, rows: Sequence[Row]) -> dict[str, Held]:
    """Return the same for a list: a case that is damaged fails alone, and is shown without it."""
    if not rows or not await in_force(ctx):
        return {}

    async def one(row: Row) -> dict[str, Held]:
        with suppress(NotFound, Damaged):
            return await held_among(ctx, [await open_case(ctx, row)])
        return {}

    found = await asyncio.gather(*(one(row) for row in rows))  # asked together, the store answers them together
    return {case_id: held for part in found for case_id, held in part.items()}


async def check_case_free(ctx: Context, case_id: str) -> None:
    """Raise Embargoed when an embargo holds the case of this id, which is opened only where one is in force."""
    if (held := (await held_ids(ctx, [case_id])).get(case_id)) is not None:
        raise Embargoed(held)


def holding(known: Sequence[Embargo], marks: frozenset[bytes]) -> Held | None:
    """Return what holds something with these marks, if anything does."""
    by = sorted((one for one in known if one.marks & marks), key=lambda one: -one.until)
    return Held(tuple(by)) if by else None


Step = Callable[[Context, Row], Awaitable[Transition | tuple[Transition, ...]]]


def unless_held(way: Way) -> Callable[[Step], Step]:
    """Return a case's step that gives way to an embargo: where it raises Embargoed, the case waits for its end."""

    def decorate(step: Step) -> Step:
        @wraps(step)
        async def guarded(ctx: Context, row: Row) -> Transition | tuple[Transition, ...]:
            try:
                return await step(ctx, row)
            except Embargoed as error:
                return await _waits(ctx, row, error.held, way)

        return guarded

    return decorate


async def _waits(ctx: Context, row: Row, held: Held, way: Way) -> Transition:
    change = Change(cases, {"id": row["id"]}, on_desk(ctx, row, held) | look_at(held.until), row["version"])
    adds = await hits(ctx, row["id"], held)
    return Transition(ctx.now(), (change,), adds, events=hit(held, way, row["id"]))


def on_desk(ctx: Context, case: Row, held: Held) -> dict[str, Any]:
    """Return the columns that tell people that a case is held; none where they need not know.

    Silence is right for most of what is held. Not where a child may be in danger: that is asked beside any other
    question, since whoever answered one believes that something leaves. Nor where people are asked something already.
    """
    asked = is_asked(case, DeskCode.EMBARGO)
    told = case["state"] == CaseState.DESK or case["desk_asked"] is None
    if case["state"] == CaseState.CLOSED or (told and not asked and not is_at_risk(case)):
        return {}
    text = _AT_RISK.format(ask=held.ask) if is_at_risk(case) else held.text
    return put_on_desk(case, (DeskCode.EMBARGO, text), ctx.now())


async def hits(ctx: Context, case_id: str, held: Held) -> tuple[Add, ...]:
    """Return the rows that say which embargoes held a case for the first time."""
    ids = [one.id for one in held.by]
    of_case = and_(embargo_hits.c.case_id == case_id, embargo_hits.c.embargo_id.in_(ids))
    known = {row["embargo_id"] for row in await ctx.store.rows(select(embargo_hits.c.embargo_id).where(of_case))}
    row = {"case_id": case_id, "at": ctx.now()}
    return tuple(Add(embargo_hits, {"embargo_id": one, **row}) for one in ids if one not in known)


async def note(ctx: Context, case_id: str, held: Held, way: Way) -> None:
    """Write down that a case was held, unless that stands there: for what is asked again and again."""
    if adds := await hits(ctx, case_id, held):
        with suppress(Conflict):  # another process was faster
            await ctx.store.commit(Transition(ctx.now(), adds=adds, events=hit(held, way, case_id)))


def hit(
    held: Held, way: Way, case_id: str | None, referral_id: str | None = None, actor: str = ROUTER.id
) -> tuple[Event, ...]:
    """Return the audit's entries of something that was held: which way out, and by which embargoes; not what."""
    return tuple(
        Event("embargo.hit", actor, case_id, referral_id, {"embargo": one.id, "way": str(way)}) for one in held.by
    )


def shown(held: Mapping[str, Held], case_id: str) -> HeldView | None:
    """Return what a page shows of a case; None for one that nothing holds."""
    return held[case_id].view() if case_id in held else None
