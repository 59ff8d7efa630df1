"""May anything of a case leave now, or be looked up? The one question that every way out asks, right before it.

Two reasons hold a case, and there is one gate for both: an embargo (`embargo`), and a police unit that asked that
nobody be told before a day (`held_by_police`). An embargo holds it from everybody; a unit's word from all others.

`held_ids` and `check_free` are that question. It is answered by what the store says at that moment, never by what a
turn began with. What is held is dated for the end of what holds it, and goes on by itself then.

Where a child is at risk it never keeps silent: the case goes to people, and rings until somebody is on it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final

from sqlalchemy import and_, select

from router.casework.case.desk_entry import is_asked, put_on_desk
from router.casework.case.due_times import is_at_risk
from router.casework.case.embargo import Embargo, hits, holding, in_force
from router.casework.case.embargo import hit as hit_by
from router.casework.case.held_by_police import Hold, police_holds
from router.casework.case.marks import marks_of, of_location
from router.casework.case.next_look import look_at
from router.casework.case.record import Known, Opened, open_case, open_cases, open_rows
from router.casework.context import Context
from router.clock import moment
from router.errors import Conflict, Damaged, NotFound, Unavailable
from router.guard.access import Permission
from router.hosting.location.identity import identity
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import cases
from schemas.actor import ROUTER, Actor
from schemas.casefile import DeskCode, WaitCode
from schemas.embargo import HeldView, Way
from schemas.locator import Locator
from schemas.states import CaseState

_SAID: Final = "Held; ask {ask}."
_NOT_NOW: Final = "This cannot be looked up now; ask again later."
_AT_RISK: Final = "Held, and a child may be in danger now: call {ask}."
_UNTIL_THEY_SAY: Final = "{said} Type what they say since as their answer."
_EMBARGO_CLAUSE: Final = "an embargo holds it; call {ask}"
_POLICE_CLAUSE: Final = "{partner} asked that nobody be told yet"
#: Cases that are open at once while it is asked of many: of the thousands that a digest names each takes some KB.
_OPENED: Final = 200
_AN_HOUR: Final = timedelta(hours=1) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Held:
    """Why nothing of a case leaves. An embargo stands before a unit's word: it holds it from that unit as well."""

    by: tuple[Embargo, ...] = ()  #: the one that lasts longest first
    police: Hold | None = None
    at: int = 0  #: when it was found so, in microseconds

    def keeps_from(self, partner: str) -> bool:
        """Tell whether nothing goes to a partner: the unit that asked to tell nobody is told all the same."""
        return bool(self.by) or (self.police is not None and self.police.partner != partner)

    @property
    def reason(self) -> WaitCode:
        """Return which of the two it is; `last_reason` of a referral that it holds."""
        return WaitCode.EMBARGO if self.by else WaitCode.POLICE_HOLD

    @property
    def ask(self) -> str:
        """Return whom people ask."""
        return self.by[0].ask if self.by else self._unit.partner

    @property
    def since(self) -> int:
        """Return when the first of all that holds it began, in microseconds."""
        return min([one.since for one in self.by] + ([] if self.police is None else [self.police.since]))

    @property
    def until(self) -> int:
        """Return when it is asked again, in microseconds: at the end of the last embargo, else on the unit's day.

        Where that has come and still holds, since the clock is not believed, in an hour.
        """
        until = self.by[0].until if self.by else self._unit.until
        return until if until > self.at else self.at + _AN_HOUR

    @property
    def until_moment(self) -> datetime:
        """Return the same as a moment."""
        return moment(self.until)

    @property
    def text(self) -> str:
        """Return what people read."""
        return _SAID.format(ask=self.ask) if self.by else self._unit.text

    @property
    def at_risk_text(self) -> str:
        """Return what they read where a child may be in danger now."""
        return _AT_RISK.format(ask=self.ask) if self.by else self._unit.at_risk_text

    @property
    def clause(self) -> str:
        """Return the same as a clause of a sentence."""
        return _EMBARGO_CLAUSE.format(ask=self.ask) if self.by else _POLICE_CLAUSE.format(partner=self.ask)

    @property
    def _unit(self) -> Hold:
        assert self.police is not None  # one of the two it is
        return self.police

    def view(self) -> HeldView | None:
        """Return what lists and pages show of an embargo; a unit's word is shown as its own (`Hold.view`)."""
        if not self.by:
            return None
        since = moment(min(one.since for one in self.by))
        ids = tuple(one.id for one in self.by)
        return HeldView(ask=self.ask, since=since, until=self.until_moment, embargoes=ids)


class HeldBack(Conflict):
    """An embargo or the police hold this: nothing of it leaves or is looked up until then. Ask who is named."""

    def __init__(self, held: Held) -> None:
        """Say whom to ask."""
        super().__init__(held.text if held.by else _UNTIL_THEY_SAY.format(said=held.text), reason=held.reason)
        self.held = held


async def held_among(ctx: Context, opened: Iterable[Opened]) -> dict[str, Held]:
    """Return by id those of the cases that are held now."""
    given = list(opened)
    holds, known = await asyncio.gather(police_holds(ctx, (one.id for one in given)), in_force(ctx))
    if not known and not holds:
        return {}  # most houses, most of the time
    marks = await marks_of(ctx, given) if known else ()
    by = {one.id: holding(known, of_one) for one, of_one in zip(given, marks, strict=False)}
    held, now = [one.id for one in given if by.get(one.id) or one.id in holds], ctx.now()
    return {case_id: Held(by.get(case_id, ()), holds.get(case_id), now) for case_id in held}


async def held_ids(ctx: Context, case_ids: Iterable[str]) -> dict[str, Held]:
    """Return the same of cases by their ids; they are opened only where an embargo is in force, and not all at once."""
    ids = sorted(set(case_ids))
    if not await in_force(ctx):
        return {case_id: Held((), hold, ctx.now()) for case_id, hold in (await police_holds(ctx, ids)).items()}
    held: dict[str, Held] = {}
    for first in range(0, len(ids), _OPENED):
        part = await open_cases(ctx, ids[first : first + _OPENED])  # one that was erased has nothing left to be held
        held |= await held_among(ctx, part.values())
    return held


async def held_now(ctx: Context, case_id: str) -> Held | None:
    """Return what holds one case."""
    return (await held_ids(ctx, [case_id])).get(case_id)


async def held_rows(
    ctx: Context,
    rows: Sequence[Row],
    marks: Mapping[str, frozenset[bytes]] | None = None,
    opened: Known | None = None,
) -> dict[str, Held]:
    """Return the same for a list: a case that is damaged fails alone, and is shown without its embargo.

    `marks` are those of the rows (`marks_by_id`), where they are known; `opened` is what is in those that are open.
    """
    if not rows:
        return {}
    known = await in_force(ctx)
    if not known:
        return await held_ids(ctx, (row["id"] for row in rows))
    marks = await marks_by_id(ctx, rows, opened) if marks is None else marks
    by = {case_id: holding(known, of_one) for case_id, of_one in marks.items()}
    holds = await police_holds(ctx, marks)
    return {one: Held(by.get(one, ()), holds.get(one)) for one in marks if by[one] or one in holds}


async def marks_by_id(ctx: Context, rows: Sequence[Row], known: Known | None = None) -> dict[str, frozenset[bytes]]:
    """Return the marks of cases by id, opened together; a damaged one fails alone, and is left out as an erased one."""
    with suppress(Damaged):
        opened = list((await open_rows(ctx, rows, known)).values())
        marks = await marks_of(ctx, opened)
        return {one.id: of_one for one, of_one in zip(opened, marks, strict=True)}

    async def one(row: Row) -> dict[str, frozenset[bytes]]:
        with suppress(NotFound, Damaged):
            return {row["id"]: (await marks_of(ctx, [await open_case(ctx, row)]))[0]}
        return {}

    return {case_id: marks for part in await asyncio.gather(*map(one, rows)) for case_id, marks in part.items()}


async def held_location(ctx: Context, locator: Locator) -> Held | None:
    """Return what holds a location that somebody asks about: by its marks alone, or as that of an open case."""
    known, police = await in_force(ctx), await _police_of(ctx, locator)
    by = holding(known, of_location(ctx.keyring, locator)) if known else ()
    return Held(by, police, ctx.now()) if by or police is not None else None


async def _police_of(ctx: Context, locator: Locator) -> Hold | None:
    marks = ctx.keyring.blinds("url", identity(locator))
    is_theirs = and_(cases.c.url_bidx.in_(marks), cases.c.state != CaseState.CLOSED)
    ids = [row["id"] for row in await ctx.store.rows(select(cases.c.id).where(is_theirs))]
    return next(iter((await police_holds(ctx, ids)).values()), None)


async def check_may_ask(ctx: Context, locator: Locator, actor: Actor) -> None:
    """Raise unless anybody may ask where a location is; that somebody tried is logged.

    Raise HeldBack for whoever may read cases. Others are told what they are told when name servers are away: whether a
    location is held is not theirs to learn.
    """
    if (held := await held_location(ctx, locator)) is None:
        return
    await ctx.store.commit(Transition(ctx.now(), events=hit(held, Way.LOCATE, None, actor=actor.id)))
    if Permission.CASE_READ in actor.permissions:
        raise HeldBack(held)
    raise Unavailable(_NOT_NOW, retry_after=3600)


async def check_free(ctx: Context, opened: Opened) -> None:
    """Raise HeldBack when an opened case is held now."""
    if (held := (await held_among(ctx, [opened])).get(opened.id)) is not None:
        raise HeldBack(held)


async def check_case_free(ctx: Context, case_id: str) -> None:
    """Raise HeldBack when the case of this id is held now."""
    if (held := await held_now(ctx, case_id)) is not None:
        raise HeldBack(held)


Step = Callable[[Context, Row], Awaitable[Transition | tuple[Transition, ...]]]


def unless_held(way: Way) -> Callable[[Step], Step]:
    """Return a case's step that gives way: where it raises HeldBack, the case waits for the end of what holds it."""

    def decorate(step: Step) -> Step:
        @wraps(step)
        async def guarded(ctx: Context, row: Row) -> Transition | tuple[Transition, ...]:
            try:
                return await step(ctx, row)
            except HeldBack as error:
                return await _waits(ctx, row, error.held, way)

        return guarded

    return decorate


async def _waits(ctx: Context, row: Row, held: Held, way: Way) -> Transition:
    change = Change(cases, {"id": row["id"]}, on_desk(ctx, row, held) | look_at(held.until), row["version"])
    adds = await hits(ctx, row["id"], held.by)
    return Transition(ctx.now(), (change,), adds, events=hit(held, way, row["id"]))


def on_desk(ctx: Context, case: Row, held: Held) -> dict[str, Any]:
    """Return the columns that tell people that a case is held; none where they need not know.

    Silence is right for most of what is held. Not where a child may be in danger: that is asked beside any other
    question, since whoever answered one believes that something leaves. Nor where people are asked something already.
    """
    code = DeskCode(held.reason)
    told = case["state"] == CaseState.DESK or case["desk_asked"] is None
    if case["state"] == CaseState.CLOSED or (told and not is_asked(case, code) and not is_at_risk(case)):
        return {}
    return put_on_desk(case, (code, held.at_risk_text if is_at_risk(case) else held.text), ctx.now())


async def note(ctx: Context, case_id: str, held: Held, way: Way) -> None:
    """Write down that a case was held, unless that stands there: for what is asked again and again."""
    if adds := await hits(ctx, case_id, held.by):
        with suppress(Conflict):  # another process was faster
            await ctx.store.commit(Transition(ctx.now(), adds=adds, events=hit_by(held.by, way, case_id)))


def hit(
    held: Held, way: Way, case_id: str | None, referral_id: str | None = None, actor: str = ROUTER.id
) -> tuple[Event, ...]:
    """Return the audit's entries of something that was held: which way out, and by what; not what."""
    if held.by or held.police is None:
        return hit_by(held.by, way, case_id, referral_id, actor)
    act = "case.held_by_police" if referral_id is None else "referral.held_by_police"
    return (Event(act, actor, case_id, referral_id, {"partner": held.police.partner}),)


def shown(held: Mapping[str, Held], case_id: str) -> HeldView | None:
    """Return what a page shows of the embargo on a case; None for one that none holds."""
    return held[case_id].view() if case_id in held else None
