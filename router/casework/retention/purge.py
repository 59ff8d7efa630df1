"""Erase what is kept beyond the policy's periods, or say how much that would be. The counts stay, on record.

Cases are taken by pages, each erased by a transition of its own: cut at any moment, what is done is done, and the next
run goes on. A run looks at a part of them and says where the next one begins, so that a million cases keep nobody
waiting for an answer, and what was erased is on record soon. Nothing is erased by a clock that is not believed.
"""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import or_, select, tuple_

from router.casework.believed import doubt
from router.casework.context import Context
from router.casework.listing import Listing, newest
from router.casework.retention.asked import forget_asked
from router.casework.retention.erase import erased
from router.casework.retention.held import standings
from router.casework.retention.lost import forget_lost
from router.casework.retention.said import forget_said
from router.clock import moment
from router.errors import BadInput
from router.store.base import Add, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, erasures
from schemas.actor import Actor
from schemas.retention import ErasureView, Held, Kept, PurgeView, Retention
from schemas.states import CaseState

#: Cases looked at, and erased, side by side; and in one part, which takes seconds.
PAGE: Final = 200
PART: Final = 2_000
#: Records on one page of their list: a purge a day makes three.
RECORDS: Final = 50
_NO_PERIODS: Final = "The policy says nothing of how long things are kept: write its [retention], and publish it."
_MICROSECOND: Final = timedelta(microseconds=1)
#: What goes, the most first; and what may be gone of a case already for it to be looked at.
_ORDER: Final = (Kept.CASES, Kept.URLS, Kept.HANDLES)
_PLACE: Final = re.compile(rf"({'|'.join(Kept)})\.(-?[0-9]{{1,18}})\.([0-9a-f-]{{0,36}})")
_GONE_BEFORE: Final = {Kept.CASES: (Kept.HANDLES, Kept.URLS), Kept.URLS: (Kept.HANDLES,), Kept.HANDLES: ()}


@dataclass(slots=True)
class _Counted:
    erased: Counter[Kept] = field(default_factory=Counter)
    held: Counter[Held] = field(default_factory=Counter)
    of: dict[Kept, dict[str, Counter[str]]] = field(default_factory=dict)
    lost: int = 0  #: referrals of cases that a restore lost
    asked: int = 0  #: closed requests of people about themselves
    said: int = 0  #: reasons that were typed with acts that are of no case

    def add(self, kept: Kept, row: Row) -> None:
        self.erased[kept] += 1
        by = self.of.setdefault(kept, {"outcome": Counter(), "source": Counter(), "country": Counter()})
        for name, column in (("outcome", "outcome"), ("source", "source"), ("country", "hosting_country")):
            by[name][row[column] or ""] += 1


async def purge(ctx: Context, actor: Actor, *, dry_run: bool = False, after: str | None = None) -> PurgeView:
    """Erase the next part of what is due, or count it; `after` is where it begins. Raise StoreUnavailable, BadInput."""
    _, policy = await ctx.governance.policy()
    stopped = _NO_PERIODS if policy.retention is None else await doubt(ctx)
    counted, following = _Counted(), None
    if policy.retention is not None and (stopped is None or dry_run):
        at = _Place() if after is None else _read(after)
        following = await _part(ctx, actor, policy.retention, at, counted, dry_run=dry_run)
        if following is None:
            lost = await forget_lost(ctx, _micros(policy.retention.cases), dry_run=dry_run)
            counted.lost = lost.forgotten
            counted.held += Counter({Held.EMBARGO: lost.held})
            counted.asked = await forget_asked(ctx, _micros(policy.retention.cases), dry_run=dry_run)
            counted.said = await forget_said(ctx, _micros(policy.retention.audit), dry_run=dry_run)
        if (counted.erased or counted.lost or counted.asked or counted.said) and not dry_run:
            await _recorded(ctx, actor, counted)
            await ctx.store.checkpoint(ctx.now())  # empties what the database keeps beside its tables
    return PurgeView(
        at=ctx.clock.now(),
        dry_run=dry_run,
        erased=dict(counted.erased),
        held=dict(counted.held),
        lost=counted.lost,
        requests=counted.asked,
        reasons=counted.said,
        next=following,
        stopped=stopped,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part begins: behind this case among those of which that is due."""

    kept: Kept = _ORDER[0]
    closed_at: int = -(1 << 62)
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kept}.{self.closed_at}.{self.id}"


def _read(after: str) -> _Place:
    found = _PLACE.fullmatch(after)
    if found is None:
        raise BadInput("This is not where a part of a purge ended; leave it out to begin anew.", field="after")
    return _Place(Kept(found[1]), int(found[2]), found[3])


async def _part(
    ctx: Context, actor: Actor, periods: Retention, at: _Place, counted: _Counted, *, dry_run: bool
) -> str | None:
    """Erase a part; return where the next one begins, None where all was looked at."""
    looked = 0
    async for place, rows, due in _due(ctx, periods, at, counted):
        for kept, found in due.items():
            await _page(ctx, actor, kept, found, counted, dry_run=dry_run)
        looked += rows
        if looked >= PART:
            return str(place)
    return None


async def _page(
    ctx: Context, actor: Actor, kept: Kept, rows: Sequence[Row], counted: _Counted, *, dry_run: bool
) -> None:
    outcomes: Sequence[Any] = [None] * len(rows)
    if not dry_run:
        outcomes = await ctx.store.commit_all(await erased(ctx, kept, rows, actor.id))
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome is None:  # else somebody opened it again at that moment, or another process was faster
            counted.add(kept, row)


async def _due(
    ctx: Context, periods: Retention, at: _Place, counted: _Counted
) -> AsyncIterator[tuple[_Place, int, dict[Kept, list[Row]]]]:
    """Yield of each page where it ends, how many cases it has, and of which what is due; held ones are counted."""
    for kept, older in list(zip(_ORDER, (None, *_ORDER), strict=False))[_ORDER.index(at.kept) :]:
        until, since = ctx.now() - _micros(periods.of(kept)), None
        if older is not None:
            since = ctx.now() - _micros(periods.of(older))
        place = at if kept is at.kept else _Place(kept)
        while rows := await _closed(ctx, until, since, place):
            place = _Place(kept, int(rows[-1]["closed_at"]), rows[-1]["id"])
            known = await standings(ctx, rows)
            due: dict[Kept, list[Row]] = {}
            for row in (one for one in rows if one["state"] == CaseState.CLOSED):
                standing = known[row["id"]]
                if standing.held is not None:
                    counted.held[standing.held] += 1
                elif (what := most_due(ctx.now(), periods, row["erased"], standing.since)) is not None:
                    due.setdefault(what, []).append(row)
            yield place, len(rows), due


def most_due(now: int, periods: Retention, gone: Kept | None, since: int) -> Kept | None:
    """Return the most that is due of a case whose time runs since then; None where that is gone, or nothing is due."""
    for kept in _ORDER:
        if since + _micros(periods.of(kept)) <= now:
            return kept if gone is None or gone in _GONE_BEFORE[kept] else None
    return None


async def _closed(ctx: Context, until: int, since: int | None, after: _Place) -> list[Row]:
    """Return the next closed cases, by the day they were closed: up to `until`, and after `since`."""
    at, of, before = cases.c.closed_at, cases.c.erased, _GONE_BEFORE[after.kept]
    gone = or_(of.is_(None), of.in_(before)) if before else of.is_(None)
    later = tuple_(at, cases.c.id) > tuple_(after.closed_at, after.id)
    # Not by its state, whose index would be read whole for each page: what is open has no such date.
    wanted = [at <= until, gone, later]
    if since is not None:
        wanted.append(at > since)
    return await ctx.store.rows(select(cases).where(*wanted).order_by(at, cases.c.id).limit(PAGE))


async def _recorded(ctx: Context, actor: Actor, counted: _Counted) -> None:
    now = ctx.now()
    adds = [
        Add(
            erasures,
            {
                "id": new_id(), "at": now, "by": actor.id, "kept": kept, "cases": count,
                "detail": json.dumps(counted.of[kept], sort_keys=True),
            },
        )
        for kept, count in counted.erased.items()
    ]  # fmt: skip
    detail = {str(kept): count for kept, count in counted.erased.items()}
    beside = (("lost", counted.lost), ("requests", counted.asked), ("reasons", counted.said))
    also = {name: count for name, count in beside if count}
    said = {"cases": detail, "held": sum(counted.held.values())} | also
    event = Event("purged", actor.id, detail=said)
    await ctx.store.commit(Transition(now, adds=tuple(adds), events=(event,)))


async def erasures_known(ctx: Context, *, cursor: str | None = None, limit: int = RECORDS) -> Listing[ErasureView]:
    """Return a page of the record of what was erased, the newest first. Raise BadInput for a cursor of no record."""
    found = await newest(ctx, erasures.c.at, cursor=cursor, limit=limit)
    views = [_view(row, json.loads(row["detail"])) for row in found.items]
    return Listing(views, found.total, found.more, found.next)


def _view(row: Row, of: dict[str, dict[str, int]]) -> ErasureView:
    return ErasureView(
        at=moment(row["at"]),
        by=row["by"],
        kept=row["kept"],
        cases=row["cases"],
        outcomes=of["outcome"],
        sources=of["source"],
        countries=of["country"],
    )


def _micros(span: timedelta) -> int:
    return span // _MICROSECOND
