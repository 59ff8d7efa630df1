"""Erase what is kept beyond the policy's periods, or say how much that would be. The counts stay, on record.

Cases are taken by pages, each erased by a transition of its own: cut at any moment, what is done is done, and the next
run goes on. Nothing is erased by a clock that is not believed.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select

from router.casework.context import Context
from router.casework.retention.clock import doubt
from router.casework.retention.erase import erased
from router.casework.retention.held import standings
from router.casework.retention.lost import forget_lost
from router.clock import moment
from router.store.base import Add, Event, Row, Transition
from router.store.ids import new_id
from router.store.schema.tables import cases, erasures
from schemas.actor import Actor
from schemas.retention import ErasureView, Held, Kept, PurgeView, Retention
from schemas.states import CaseState

#: Cases looked at, and erased, side by side.
PAGE: Final = 200
#: Records shown: a purge a day makes three.
_RECORDS: Final = 1000
_NO_PERIODS: Final = "The policy says nothing of how long things are kept: write its [retention], and publish it."
_MICROSECOND: Final = timedelta(microseconds=1)
#: What goes, the most first; and what may be gone of a case already for it to be looked at.
_ORDER: Final = (Kept.CASES, Kept.URLS, Kept.HANDLES)
_GONE_BEFORE: Final = {Kept.CASES: (Kept.HANDLES, Kept.URLS), Kept.URLS: (Kept.HANDLES,), Kept.HANDLES: ()}


@dataclass(slots=True)
class _Counted:
    erased: Counter[Kept] = field(default_factory=Counter)
    held: Counter[Held] = field(default_factory=Counter)
    of: dict[Kept, dict[str, Counter[str]]] = field(default_factory=dict)
    lost: int = 0  #: referrals of cases that a restore lost

    def add(self, kept: Kept, row: Row) -> None:
        self.erased[kept] += 1
        by = self.of.setdefault(kept, {"outcome": Counter(), "source": Counter(), "country": Counter()})
        for name, column in (("outcome", "outcome"), ("source", "source"), ("country", "hosting_country")):
            by[name][row[column] or ""] += 1


async def purge(ctx: Context, actor: Actor, *, dry_run: bool = False) -> PurgeView:
    """Erase what is due, or count it. Raise StoreUnavailable."""
    _, policy = await ctx.governance.policy()
    stopped = _NO_PERIODS if policy.retention is None else await doubt(ctx)
    counted = _Counted()
    if policy.retention is not None and (stopped is None or dry_run):
        async for kept, rows in _due(ctx, policy.retention, counted):
            await _page(ctx, actor, kept, rows, counted, dry_run=dry_run)
        lost = await forget_lost(ctx, _micros(policy.retention.cases), dry_run=dry_run)
        counted.lost = lost.forgotten
        counted.held += Counter({Held.EMBARGO: lost.held})
        if (counted.erased or counted.lost) and not dry_run:
            await _recorded(ctx, actor, counted)
            await ctx.store.checkpoint(ctx.now())  # empties what the database keeps beside its tables
    return PurgeView(
        at=ctx.clock.now(),
        dry_run=dry_run,
        erased=dict(counted.erased),
        held=dict(counted.held),
        lost=counted.lost,
        stopped=stopped,
    )


async def _page(
    ctx: Context, actor: Actor, kept: Kept, rows: Sequence[Row], counted: _Counted, *, dry_run: bool
) -> None:
    outcomes: Sequence[Any] = [None] * len(rows)
    if not dry_run:
        outcomes = await ctx.store.commit_all(await erased(ctx, kept, rows, actor.id))
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome is None:  # else somebody opened it again at that moment, or another process was faster
            counted.add(kept, row)


async def _due(ctx: Context, periods: Retention, counted: _Counted) -> AsyncIterator[tuple[Kept, list[Row]]]:
    """Yield pages of cases of which the same is due; what is held is counted."""
    newest = ctx.now() + 1
    for kept, older in zip(_ORDER, (None, *_ORDER), strict=False):
        until, since = ctx.now() - _micros(periods.of(kept)), None
        if older is not None:
            since = ctx.now() - _micros(periods.of(older))
        after = (-newest, "")
        while rows := await _closed(ctx, kept, until, since, after):
            after = (int(rows[-1]["closed_at"]), rows[-1]["id"])
            known = await standings(ctx, rows)
            due: dict[Kept, list[Row]] = {}
            for row in rows:
                standing = known[row["id"]]
                if standing.held is not None:
                    counted.held[standing.held] += 1
                elif (what := most_due(ctx.now(), periods, row["erased"], standing.since)) is not None:
                    due.setdefault(what, []).append(row)
            for what, found in due.items():
                yield what, found


def most_due(now: int, periods: Retention, gone: Kept | None, since: int) -> Kept | None:
    """Return the most that is due of a case whose time runs since then; None where that is gone, or nothing is due."""
    for kept in _ORDER:
        if since + _micros(periods.of(kept)) <= now:
            return kept if gone is None or gone in _GONE_BEFORE[kept] else None
    return None


async def _closed(ctx: Context, kept: Kept, until: int, since: int | None, after: tuple[int, str]) -> list[Row]:
    """Return the next closed cases, by the day they were closed: up to `until`, and after `since`."""
    at, of = cases.c.closed_at, cases.c.erased
    gone = or_(of.is_(None), of.in_(_GONE_BEFORE[kept])) if _GONE_BEFORE[kept] else of.is_(None)
    later = or_(at > after[0], and_(at == after[0], cases.c.id > after[1]))
    wanted = [cases.c.state == CaseState.CLOSED, at <= until, gone, later]
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
    said = {"cases": detail, "held": sum(counted.held.values())} | ({"lost": counted.lost} if counted.lost else {})
    event = Event("purged", actor.id, detail=said)
    await ctx.store.commit(Transition(now, adds=tuple(adds), events=(event,)))


async def erasures_known(ctx: Context) -> list[ErasureView]:
    """Return the record of what was erased, the newest first."""
    rows = await ctx.store.rows(select(erasures).order_by(erasures.c.at.desc(), erasures.c.id.desc()).limit(_RECORDS))
    return [_view(row, json.loads(row["detail"])) for row in rows]


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
