"""Dates that a clock wrote which was ahead: looked for when a worker begins, and when the store's clock was set back.

Such a row would wait until we are there, for a year perhaps, and nothing else would look at it. Nothing is lost by an
early look: a step that finds nothing to do dates its case anew, and a referral that is being sent is leased by the
database's clock, whatever its date says.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, exists, not_, select

from router.casework.believed import DAY
from router.casework.case.priority import RANKS
from router.casework.context import Context
from router.errors import Conflict
from router.guard.log import get_log
from router.guard.retry_after import LONGEST_WAIT
from router.store.base import Change, Event, Transition
from router.store.schema.tables import alarms, cases, follow_ups, referrals, status_news, unit_answers
from router.store.statements import LONGEST_LEASE
from router.worker.due import next_by_line
from schemas.actor import ROUTER
from schemas.states import ReferralState

_MICROSECOND: Final = timedelta(microseconds=1)
#: What waits for the router itself is dated within a day: the longest step of the schedule, a cap's midnight.
_WAIT: Final = (timedelta(seconds=LONGEST_WAIT) + timedelta(hours=1)) // _MICROSECOND
#: A check is made within the policy's `follow_up` of what was accepted; policies are changed, and three months are far.
_CHECK: Final = timedelta(days=90) // _MICROSECOND
#: Rows put right in one transaction.
_MOST: Final = 500
_OURS: Final = (
    ReferralState.WAITING,
    ReferralState.SENDING,
    ReferralState.RECALL_PENDING,
    ReferralState.WITHDRAWING,
)


async def put_right(ctx: Context, *, after_doubt: bool = False) -> int:
    """Date for now what no clock that is right can have dated so far off; return how many rows that were.

    `after_doubt`: the clock was not believed until now, so what was dated meanwhile is looked for as well.
    """
    found = 0
    dated = sorted({line.partner for line in await next_by_line(ctx.store)})
    for table, column, wanted in (*_wanted(ctx.now(), dated), *(_meanwhile(ctx.now()) if after_doubt else ())):
        while rows := await ctx.store.rows(wanted.limit(_MOST)):
            changes = [Change(table, {"id": row["id"]}, {column: ctx.now()}, guard={column: row["at"]}) for row in rows]
            event = Event("dates.put_right", ROUTER.id, detail={"table": table.name, "count": len(rows)})
            try:
                await ctx.store.commit(Transition(ctx.now(), changes, events=(event,)))
            except Conflict:
                continue  # a worker or a person moved one of them: look again
            found += len(rows)
    if found:
        get_log("worker").warning("dates_put_right", count=found)
    return found


def _wanted(now: int, dated: Sequence[str]) -> tuple[tuple[Any, str, Select[Any]], ...]:
    """Return what is looked for, written so that each range of dates is found in its index.

    `dated` are the partners that have referrals with a date.
    """
    ranks = cases.c.rank.in_(RANKS)
    leased = and_(ranks, cases.c.next_at > now + LONGEST_LEASE, cases.c.claimed_by.is_not(None))
    of_partners = and_(referrals.c.partner.in_(dated), referrals.c.rank.in_(RANKS))
    ours = and_(of_partners, referrals.c.next_at > now + _WAIT, referrals.c.state.in_(_OURS))
    put_off = exists().where(
        and_(unit_answers.c.case_id == follow_ups.c.case_id, unit_answers.c.until == follow_ups.c.due_at)
    )  # by the police, for as long as they say
    undone = and_(follow_ups.c.done_at.is_(None), follow_ups.c.due_at > now + _CHECK, not_(put_off))
    to_check = cases.c.id.in_(select(follow_ups.c.case_id).where(undone))
    # What is yet to be looked at waits for its report's own date, which nothing may bring forward.
    again = and_(status_news.c.body.is_not(None), status_news.c.due_at > now + _WAIT)
    return (
        (status_news, "due_at", select(status_news.c.id, status_news.c.due_at.label("at")).where(again)),
        (cases, "next_at", select(cases.c.id, cases.c.next_at.label("at")).where(leased)),
        (
            cases,
            "next_at",
            select(cases.c.id, cases.c.next_at.label("at")).where(ranks, cases.c.next_at > now + _CHECK, to_check),
        ),
        (referrals, "next_at", select(referrals.c.id, referrals.c.next_at.label("at")).where(ours)),
        (follow_ups, "due_at", select(follow_ups.c.id, follow_ups.c.due_at.label("at")).where(undone)),
        (alarms, "next_at", select(alarms.c.id, alarms.c.next_at.label("at")).where(alarms.c.next_at > now + _WAIT)),
    )


def _meanwhile(now: int) -> tuple[tuple[Any, str, Select[Any]], ...]:
    """Return what a clock dated ahead by less: checks of what was taken days after now, cases past theirs."""
    to_come = and_(referrals.c.state == ReferralState.ACCEPTED, referrals.c.accepted_at > now + DAY)
    of_check = exists().where(and_(referrals.c.case_id == follow_ups.c.case_id, to_come))
    undone = and_(follow_ups.c.done_at.is_(None), follow_ups.c.due_at > now, of_check)
    before = exists().where(
        and_(follow_ups.c.case_id == cases.c.id, follow_ups.c.done_at.is_(None), follow_ups.c.due_at < cases.c.next_at)
    )
    past = and_(cases.c.claimed_by.is_(None), cases.c.next_at > now, before)
    return (
        (follow_ups, "due_at", select(follow_ups.c.id, follow_ups.c.due_at.label("at")).where(undone)),
        (cases, "next_at", select(cases.c.id, cases.c.next_at.label("at")).where(past)),
    )
