"""Status webhooks: whose reports a change is about, what their sources hear of it, and telling them.

In order for each report: the second thing is not looked at before the first was taken or given up, and what it says
then is how the report stands then. At least once: what is sent is on disk before it leaves and until it was taken, so
one that was killed in between is sent again with the same id and the same bytes. A source outside the house is looked
at by the dates of its report alone (`read.followed`), and hears nothing that has not changed.

It is signed and sent as any other webhook (`partners/webhook`), with a pace and a breaker of its own.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Select, and_, or_, select

from router.casework.believed import is_over
from router.casework.case.gate import held_ids
from router.casework.case.status_changes import dated, is_of_no_report
from router.casework.context import Context
from router.casework.deliver.partner_state import spent, standing, tried
from router.casework.deliver.stops import ALL, halts
from router.casework.read.told import digest, told_of
from router.clock import micros, moment
from router.delivery.lanes import Waiting, may_call
from router.delivery.schedule import STEPS, next_at
from router.delivery.send import attempt
from router.errors import Conflict
from router.partners.base import Accepted, Envelope, Outcome, Reason
from router.store.base import NOTHING, Add, Change, Claim, Event, Remove, Row, Transition
from router.store.schema.tables import items, referrals, reports, sources, status_changes, status_news
from schemas.actor import ROUTER
from schemas.followed import HANDLED_FOR, ReportState, ReportTold, StatusEvent
from schemas.partner import Pace, Partner, PartnerKind
from schemas.proposal import SOURCE
from schemas.source import StatusHook, is_of_house
from schemas.vocabulary import SourceKind

#: The dialect by which it is signed and sent.
_WEBHOOK: Final = "webhook"
#: How often one source is called: ten at once, five a second. What its reports come to in a day is far below.
PACE: Final = Pace(per_second=5, burst=10, in_flight=4)
#: Rows taken in one turn of each of the three steps.
_AT_ONCE: Final = 200
#: For how many calls' length a row belongs to its worker.
_LEASE_CALLS: Final = 2
_DAY: Final = 86_400_000_000
#: Until it is asked again whether what is to be said is still held.
_HELD_AGAIN: Final = 3_600_000_000
_HANDLED: Final = HANDLED_FOR // timedelta(microseconds=1)
_OF_HOUSE: Final = and_(sources.c.status_hook.is_not(None), sources.c.kind == SourceKind.ANALYST)


async def turn(ctx: Context) -> int:
    """Do what is due now, once; return how much there was."""
    done = await _spread(ctx)
    for source in await ctx.store.rows(select(sources).where(sources.c.status_hook.is_not(None))):
        done += await _look(ctx, source)
        done += await _tell(ctx, source)
    return done


async def next_due(ctx: Context) -> int | None:
    """Return when the next row is due, in microseconds; None where there is none."""
    waits = await ctx.store.rows(select(status_changes.c.at).order_by(status_changes.c.at).limit(1))
    hears = select(sources.c.name).where(sources.c.status_hook.is_not(None))
    dates = select(status_news.c.due_at).where(and_(status_news.c.due_at.is_not(None), status_news.c.source.in_(hears)))
    found = [row["at"] for row in waits]
    found += [row["due_at"] for row in await ctx.store.rows(dates.order_by(status_news.c.due_at).limit(1))]
    return min(found, default=None)


async def _spread(ctx: Context) -> int:
    """Turn changes of cases into what sources of the house hear, a row for each of their reports."""
    if not await ctx.store.rows(select(status_changes.c.id).limit(1)):
        return 0
    known = status_changes.c.id.is_not(None)
    lease = _LEASE_CALLS * ctx.call_seconds
    claim = Claim(status_changes, known, (status_changes.c.at,), _AT_ONCE, ctx.owner, lease)
    rows = await ctx.store.claim(claim)
    if not rows:
        return 0
    about = await _reports_of(ctx, rows)
    adds = [
        Add(status_news, dated(source, report_id, row["at"]) | {"id": str(uuid5(UUID(row["id"]), report_id))})
        for row in rows
        for source, report_id in sorted(about.get(row["id"], ()))
    ]
    changes = [Change(status_changes, {"id": row["id"]}, {}, guard={"claimed_by": ctx.owner}) for row in rows]
    removes = [Remove(status_changes, {"id": row["id"]}) for row in rows]
    with suppress(Conflict):  # the lease ran out: whoever has them now does it
        await ctx.store.commit(Transition(ctx.now(), changes, adds, removes))
    return len(rows)


async def _reports_of(ctx: Context, rows: Sequence[Row]) -> dict[str, set[tuple[str, str]]]:
    """Return by change the reports that it is about, each with its source."""
    named = [row["referral_id"] for row in rows if row["case_id"] is None]
    of_referrals = select(referrals.c.id, referrals.c.case_id).where(referrals.c.id.in_(named))
    case_of = {row["id"]: row["case_id"] for row in (await ctx.store.rows(of_referrals) if named else [])}
    cases = {row["id"]: row["case_id"] or case_of.get(row["referral_id"]) for row in rows}
    found = await ctx.store.rows(
        select(items.c.case_id, items.c.report_id, reports.c.source)
        .join(reports, reports.c.id == items.c.report_id)
        .join(sources, sources.c.name == reports.c.source)
        .where(and_(_OF_HOUSE, items.c.position >= 0, items.c.case_id.in_({one for one in cases.values() if one})))
    )
    of_case: dict[str, set[tuple[str, str]]] = {}
    for one in found:
        of_case.setdefault(one["case_id"], set()).add((one["source"], one["report_id"]))
    return {change: of_case.get(case or "", set()) for change, case in cases.items()}


def _first_of_each(source: str, now: int, *, looked_at: bool) -> Select[Any]:
    """Return the ids of what is due of a source: of each report the first thing that was not settled yet."""
    earlier = status_news.alias()
    before = or_(
        earlier.c.at < status_news.c.at, and_(earlier.c.at == status_news.c.at, earlier.c.id < status_news.c.id)
    )
    unsettled = and_(earlier.c.report_id == status_news.c.report_id, earlier.c.due_at.is_not(None), before)
    due = and_(status_news.c.source == source, status_news.c.due_at <= now)
    body = status_news.c.body.is_not(None) if looked_at else status_news.c.body.is_(None)
    first = ~select(earlier.c.id).where(unsettled).exists()
    return select(status_news.c.id).where(and_(due, body, first)).order_by(status_news.c.due_at).limit(_AT_ONCE)


async def _claimed(
    ctx: Context, source: str, limit: int, beside: Transition = NOTHING, *, looked_at: bool
) -> list[Row]:
    ids = [row["id"] for row in await ctx.store.rows(_first_of_each(source, ctx.now(), looked_at=looked_at))]
    if not ids:
        return []
    due = and_(status_news.c.id.in_(ids[:limit]), status_news.c.due_at <= ctx.now())
    lease = _LEASE_CALLS * ctx.call_seconds
    return await ctx.store.claim(Claim(status_news, due, (status_news.c.due_at,), limit, ctx.owner, lease), beside)


async def _look(ctx: Context, source: Row) -> int:
    """Write down what is to be said, where there is something new to be said."""
    rows = await _free(ctx, await _claimed(ctx, source["name"], _AT_ONCE, looked_at=False))
    ids = sorted({row["report_id"] for row in rows})
    found = (
        {row["id"]: row for row in await ctx.store.rows(select(reports).where(reports.c.id.in_(ids)))} if ids else {}
    )
    await asyncio.gather(*(_commit(ctx, _looked(ctx, source, row, found.get(row["report_id"]))) for row in rows))
    return len(rows)


async def _free(ctx: Context, rows: list[Row]) -> list[Row]:
    """Return what may be said now: of a report with a location that is held nothing is, not even that it changed."""
    if not rows:
        return rows
    ids = sorted({row["report_id"] for row in rows})
    placed = await ctx.store.rows(select(items.c.report_id, items.c.case_id).where(items.c.report_id.in_(ids)))
    held = await held_ids(ctx, {one["case_id"] for one in placed})
    silent = {one["report_id"] for one in placed if one["case_id"] in held}
    later = {"due_at": ctx.now() + _HELD_AGAIN}
    for row in rows:
        if row["report_id"] in silent:
            with suppress(Conflict):
                await ctx.store.commit(
                    Transition(ctx.now(), (Change(status_news, {"id": row["id"]}, later, row["version"]),))
                )
    return [row for row in rows if row["report_id"] not in silent]


async def _commit(ctx: Context, made: Awaitable[Transition]) -> None:
    with suppress(Conflict):  # the lease ran out, or its address was taken away
        await ctx.store.commit(await made)


async def _looked(ctx: Context, source: Row, row: Row, report: Row | None) -> Transition:
    if report is None:
        return Transition(ctx.now(), (_taken(row),), removes=(Remove(status_news, {"id": row["id"]}),))
    of_house = is_of_house(source["kind"])
    told = await told_of(ctx, report, of_house=of_house)
    if digest(told) == report["status_told"]:
        return _settled(ctx, source, row, _About(report, told))
    body = StatusEvent(timestamp=moment(row["at"]), data=told).model_dump_json()
    values = {"body": body, "digest": digest(told)}
    return Transition(ctx.now(), (Change(status_news, {"id": row["id"]}, values, row["version"]),))


async def _tell(ctx: Context, source: Row) -> int:
    """Send what is due to one source, as much as its pace and its breaker let through."""
    dialect, name = ctx.dialects.get(_WEBHOOK), SOURCE + source["name"]
    if dialect is None or ALL in (await halts(ctx)).scopes:
        return 0
    due = len(await ctx.store.rows(_first_of_each(source["name"], ctx.now(), looked_at=True)))
    if not due:
        return 0
    known = await standing(ctx, name)
    grant = may_call(known.state, PACE, Waiting(normal=due), ctx.now(), bundle=1)
    if not grant.total:
        return 0
    spending, then = spent(ctx, known, PACE, grant)
    try:
        taken = await _claimed(ctx, source["name"], grant.total, spending, looked_at=True)
    except Conflict:  # another worker has this turn
        return 0
    rows = await _free(ctx, taken)
    partner = _as_partner(source["name"], source["status_hook"])
    said = await asyncio.gather(
        *(attempt(dialect, partner, [Envelope(row["id"], row["body"].encode())], ctx.call_seconds) for row in rows)
    )
    after = (_after(ctx, source, row, outcome) for row, (outcome,) in zip(rows, said, strict=True))
    await asyncio.gather(*(_commit(ctx, one) for one in after))
    await tried(ctx, then if taken else known, said)
    return len(rows)


@lru_cache(maxsize=64)
def _as_partner(name: str, hook: str) -> Partner:
    """Return where a source hears, as the dialect of webhooks reads it."""
    to = StatusHook.model_validate_json(hook)
    config = {"url": str(to.url), "secrets": list(to.secrets)}
    return Partner(
        name=name, title=name, kind=PartnerKind.PROVIDER, dialect=_WEBHOOK, config=config, networks=to.networks
    )


async def _after(ctx: Context, source: Row, row: Row, outcome: Outcome) -> Transition:
    """Return what comes of an attempt: it was taken, or is sent again, or is given up after the policy's time."""
    now, detail = ctx.now(), {"source": source["name"]}
    about: _About | None = None
    if not is_of_no_report(row):
        (report,) = await ctx.store.rows(select(reports).where(reports.c.id == row["report_id"]))
        about = _About(report, StatusEvent.model_validate_json(row["body"]).data)
        detail["report"] = row["report_id"]
    if isinstance(outcome, Accepted):
        return _settled(ctx, source, row, about, event=Event("source.told", ROUTER.id, detail=detail))
    _, policy = await ctx.governance.policy()
    counted = row["attempts"] + int(getattr(outcome, "counted", True))
    step = min(counted, len(STEPS) - 1)
    again = next_at(step, getattr(outcome, "retry_after", None), row["id"], moment(now))
    assert again is not None  # there is a step of that number
    reason = str(getattr(outcome, "reason", Reason.NOT_UNDERSTOOD))
    until = row["at"] + policy.status_given_up_after // timedelta(microseconds=1)
    if micros(again) <= until or not await is_over(ctx, until - micros(again) + now):
        values = {"attempts": counted, "due_at": micros(again), "last_reason": reason}
        return Transition(now, (Change(status_news, {"id": row["id"]}, values, row["version"]),))
    event = Event("source.not_told", ROUTER.id, detail=detail | {"because": reason})
    return _settled(ctx, source, row, about, event=event, reason=reason)


@dataclass(frozen=True, slots=True)
class _About:
    """The report that a row is about, and what its source need not hear again."""

    report: Row
    told: ReportTold


def _settled(
    ctx: Context,
    source: Row,
    row: Row,
    about: _About | None,
    *,
    event: Event | None = None,
    reason: str | None = None,
) -> Transition:
    """Return what ends one row: it is gone, or stays as what was never heard, and the report's next date follows.

    `reason` is why its source did not hear it.
    """
    changes, removes = [_taken(row)], [Remove(status_news, {"id": row["id"]})]
    if reason is not None:
        lost = {"due_at": None, "body": None, "given_up_at": ctx.now(), "last_reason": reason}
        changes, removes = [Change(status_news, {"id": row["id"]}, lost, row["version"])], []
    adds = []
    if about is not None and event is not None:
        changes.append(Change(reports, {"id": about.report["id"]}, {"status_told": digest(about.told)}))
    if about is not None and not is_of_house(source["kind"]) and about.told.state is not ReportState.CLOSED:
        next_look = _next_look(row, about.report, ctx.now())
        adds = [Add(status_news, dated(source["name"], about.report["id"], next_look))]
    return Transition(ctx.now(), changes, adds, removes, () if event is None else (event,))


def _next_look(row: Row, report: Row, now: int) -> int:
    """Return when a report of a source outside the house is looked at next: by its own dates, then day by day."""
    week = report["taken_at"] + _HANDLED
    if row["at"] < week:
        return int(week)
    return int(row["at"] + _DAY * max((now - row["at"]) // _DAY, 1))


def _taken(row: Row) -> Change:
    """Return the condition that the row is still ours."""
    return Change(status_news, {"id": row["id"]}, {}, row["version"])
