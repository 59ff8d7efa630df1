"""The figures of this moment: of the top strip, of `stats` and of `/metrics`, at the same cost whatever is kept.

What is counted is read from tallies (`store/schema/tallies`), what is oldest from an index: nothing here looks at more
rows than it answers for; what went wrong is few, and counted from an index of its own. `store/recount` holds it to what
counting everything finds.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, TextClause, and_, func, not_, select, text

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
    by_case = await _rows(ctx, "case", tallies.c.state, tallies.c.reason, tallies.c.mark)
    by_referral = await _rows(ctx, "referral", tallies.c.state, tallies.c.mark)
    on_desk = cases.c.desk_code.is_not(None)  # a case that left the desk keeps the dates it had there
    oldest = await ctx.store.rows(select(func.min(cases.c.desk_first_since).label("at")).where(on_desk))
    unheard = await ctx.store.rows(select(func.min(cases.c.desk_first_since).label("at")).where(_UNHEARD))
    down = await ctx.store.rows(_DOWN)
    looked, asked = await _second_looks(ctx), await _asked(ctx)
    return Stats(
        cases=_summed(by_case, "state"),
        desk=_summed([row for row in by_case if row["reason"]], "reason"),
        referrals=_summed(by_referral, "state"),
        at_risk=sum(row["n"] for row in by_case if row["mark"] and row["state"] != CaseState.CLOSED),
        oldest_on_desk=moment_or_none(oldest[0]["at"]),
        without_receipt=sum(row["n"] for row in by_referral if row["mark"] & TRIED and row["state"] in UNDER_WAY),
        due_today=await due_before(ctx, micros(end_of_day(moment(ctx.now()), ctx.zone))),
        overdue=await due_before(ctx, ctx.now()),
        at_risk_unacknowledged_since=moment_or_none(unheard[0]["at"]),
        partners_down=tuple(row["partner"] for row in down),
        misrouted=await _counted(ctx, _MISROUTED),
        bounced=await _counted(ctx, _BOUNCED),
        second_looks=sum(looked.values()),
        second_looks_differ=looked.get(0, 0),
        not_checked=await _counted(ctx, _NOT_CHECKED, follow_ups),
        requests_due=len(asked),
        requests_overdue=sum(one < _day(ctx) for one in asked),
        clock_doubted=await doubt(ctx),
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


async def _counted(ctx: Context, where: TextClause, table: Table = referrals) -> int:
    found = await ctx.store.rows(select(func.count().label("n")).select_from(table).where(where))
    return int(found[0]["n"])


async def due_before(ctx: Context, at: int) -> int:
    """Return how many cases on the desk are due before a moment in microseconds."""
    quarter = at // QUARTER
    whole = select(func.coalesce(_N, 0).label("n")).where(and_(tallies.c.kind == "due", tallies.c.mark < quarter))
    begun = and_(cases.c.desk_code.is_not(None), cases.c.desk_due >= quarter * QUARTER, cases.c.desk_due < at)
    rest = select(func.count().label("n")).select_from(cases).where(begun)
    return sum([int((await ctx.store.rows(one))[0]["n"]) for one in (whole, rest)])


async def _rows(ctx: Context, kind: str, *by: ColumnElement[Any]) -> list[Row]:
    """Return the tallies of a kind, summed by some of their columns."""
    wanted = select(*by, _N.label("n")).where(tallies.c.kind == kind).group_by(*by)
    return [{**row, "n": int(row["n"])} for row in await ctx.store.rows(wanted)]


def _summed(rows: list[Row], by: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row[by]] = found.get(row[by], 0) + row["n"]
    return {name: count for name, count in sorted(found.items()) if count}
