"""The figures of this moment: of the top strip, of `stats` and of `/metrics`, at the same cost whatever is kept.

What is counted is read from tallies (`store/schema/tallies`), what is oldest from an index: nothing here looks at more
rows than it answers for; what went wrong is few, and counted from an index of its own. `store/recount` holds it to what
counting everything finds.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, TextClause, and_, func, not_, select, text

from router.casework.believed import doubt
from router.casework.context import Context
from router.clock import end_of_day, micros, moment, moment_or_none
from router.store.base import Row
from router.store.schema.tables import cases, follow_ups, partner_state, referrals, requests, second_looks, tallies
from router.store.schema.tallies import QUARTER, TRIED
from schemas.proposal import SOURCE
from schemas.requests import DUE_WITHIN
from schemas.states import CaseState, ReferralState

#: States in which a referral that was tried has no receipt yet.
UNDER_WAY = (ReferralState.WAITING, ReferralState.SENDING)
#: Whose alarm nobody answered; in the words of its index, which no bound value could be proved to meet.
_UNHEARD = text("desk_alarm IS NOT NULL AND acknowledged_at IS NULL AND desk_code IS NOT NULL")
#: As the conditions of two indexes are written, which hold what they count and nothing else.
_MISROUTED: Final = text("misrouted_at IS NOT NULL")
_NOT_CHECKED: Final = text("finding = 'not_checked'")
_BOUNCED: Final = text("last_reason IN ('refused', 'not_ours')")
#: Where sources hear of their reports has a breaker too, and is no partner.
_DOWN: Final = select(partner_state.c.partner).where(
    and_(partner_state.c.breaker != "closed", not_(partner_state.c.partner.startswith(SOURCE)))
)
_N = func.sum(tallies.c.n)
_KINDS: Final = ("case", "referral")


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures of the top strip and of `stats`."""

    cases: dict[str, int]
    desk: dict[str, int]
    referrals: dict[str, int]
    at_risk: int
    oldest_on_desk: datetime | None
    without_receipt: int
    due_today: int
    overdue: int
    at_risk_unacknowledged_since: datetime | None  #: since when the first of those waits whose alarm nobody answered
    partners_down: tuple[str, ...]
    misrouted: int  #: referrals that went to the wrong country, whoever found out
    bounced: int  #: referrals that somebody did not take, or gave back
    second_looks: int = 0  #: what one person called not illegal, and a second one looked at
    second_looks_differ: int = 0  #: and of these, where the second one found otherwise
    not_checked: int = 0  #: checks that nobody had the time for
    requests_due: int = 0  #: what people ask about themselves, and are to be answered within days
    requests_overdue: int = 0  #: of these, those whose last day is over
    clock_doubted: str | None = None  #: why our clock is not believed: then no date ends anything


async def stats(ctx: Context) -> Stats:
    """Return the figures of this moment."""
    tallied, (row,), down, looked, asked, doubted = await asyncio.gather(
        _tallied(ctx),
        ctx.store.rows(_at_once(ctx)),
        ctx.store.rows(_DOWN),
        _second_looks(ctx),
        _asked(ctx),
        doubt(ctx),
    )
    by_case, by_referral = ([row for row in tallied if row["kind"] == kind] for kind in _KINDS)
    return Stats(
        cases=_summed(by_case, "state"),
        desk=_summed([row for row in by_case if row["reason"]], "reason"),
        referrals=_summed(by_referral, "state"),
        at_risk=sum(row["n"] for row in by_case if row["mark"] and row["state"] != CaseState.CLOSED),
        oldest_on_desk=moment_or_none(row["oldest"]),
        without_receipt=sum(row["n"] for row in by_referral if row["mark"] & TRIED and row["state"] in UNDER_WAY),
        due_today=int(row["due_today"]),
        overdue=int(row["overdue"]),
        at_risk_unacknowledged_since=moment_or_none(row["unheard"]),
        partners_down=tuple(row["partner"] for row in down),
        misrouted=row["misrouted"],
        bounced=row["bounced"],
        second_looks=sum(looked.values()),
        second_looks_differ=looked.get(0, 0),
        not_checked=row["not_checked"],
        requests_due=len(asked),
        requests_overdue=sum(one < _day(ctx) for one in asked),
        clock_doubted=doubted,
    )


def _at_once(ctx: Context) -> Select[Any]:
    """Return a SELECT of all that is one number or one moment: one question, each part by an index of its own."""
    oldest = select(func.min(cases.c.desk_first_since))
    return select(
        # A case that left the desk keeps the dates it had there.
        oldest.where(cases.c.desk_code.is_not(None)).scalar_subquery().label("oldest"),
        oldest.where(_UNHEARD).scalar_subquery().label("unheard"),
        _counted(referrals, _MISROUTED).label("misrouted"),
        _counted(referrals, _BOUNCED).label("bounced"),
        _counted(follow_ups, _NOT_CHECKED).label("not_checked"),
        _due_before(micros(end_of_day(moment(ctx.now()), ctx.zone))).label("due_today"),
        _due_before(ctx.now()).label("overdue"),
    )


async def _second_looks(ctx: Context) -> dict[int, int]:
    """Return how many second looks differed (0) and how many agreed (1)."""
    answered = second_looks.c.agrees.is_not(None)
    counted = select(second_looks.c.agrees, func.count().label("n")).where(answered).group_by(second_looks.c.agrees)
    return {row["agrees"]: row["n"] for row in await ctx.store.rows(counted)}


async def _asked(ctx: Context) -> list[str]:
    """Return the last days of the open requests that are due: few, and by an index of the open ones."""
    until, still = _day(ctx, DUE_WITHIN), requests.c.closed_at.is_(None)
    due = select(requests.c.due_on).where(still, requests.c.due_on <= until)
    return [row["due_on"] for row in await ctx.store.rows(due)]


def _day(ctx: Context, later: int = 0) -> str:
    """Return the day, by the house's calendar, as it is written."""
    return (moment(ctx.now()).astimezone(ctx.zone).date() + timedelta(days=later)).isoformat()


def _counted(table: Table, where: ColumnElement[bool] | TextClause) -> ColumnElement[Any]:
    return select(func.count()).select_from(table).where(where).scalar_subquery()


async def due_before(ctx: Context, *moments: int) -> list[int]:
    """Return how many cases on the desk are due before each of these moments in microseconds."""
    (row,) = await ctx.store.rows(select(*(_due_before(at).label(f"n{n}") for n, at in enumerate(moments))))
    return [int(row[f"n{n}"]) for n in range(len(moments))]


def _due_before(at: int) -> ColumnElement[Any]:
    quarter = at // QUARTER
    whole = select(func.coalesce(_N, 0)).where(and_(tallies.c.kind == "due", tallies.c.mark < quarter))
    begun = and_(cases.c.desk_code.is_not(None), cases.c.desk_due >= quarter * QUARTER, cases.c.desk_due < at)
    return whole.scalar_subquery() + _counted(cases, begun)


async def _tallied(ctx: Context) -> list[Row]:
    """Return the tallies of cases and referrals, summed by what figures tell apart."""
    by = (tallies.c.kind, tallies.c.state, tallies.c.reason, tallies.c.mark)
    wanted = select(*by, _N.label("n")).where(tallies.c.kind.in_(_KINDS)).group_by(*by)
    return [{**row, "n": int(row["n"])} for row in await ctx.store.rows(wanted)]


def _summed(rows: list[Row], by: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row[by]] = found.get(row[by], 0) + row["n"]
    return {name: count for name, count in sorted(found.items()) if count}
