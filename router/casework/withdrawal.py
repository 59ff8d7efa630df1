"""What came of telling a partner to drop a referral that was taken back; who cannot be told by us is told by people.

That question always reaches somebody: a case that was closed meanwhile is opened again for it, or, when the location
was reported anew, it is put on the case that is open now; a graver question on the desk is waited for.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import and_, select

from router.casework.casefile import case_row
from router.casework.context import Context
from router.casework.settle import ask
from router.clock import micros, moment
from router.delivery.schedule import next_at
from router.errors import Conflict
from router.partners.base import Accepted, Deferred, Outcome, Unknown
from router.store.base import Change, Event, Row, Transition
from router.store.tables import cases, referrals
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

#: Until a desk that is busy with something graver is asked again.
_DESK_BUSY = timedelta(hours=1)
_TELL = "Tell the partner by hand that this was taken back."
_TELL_AND_CLOSE = "Tell the partner by hand that this was taken back, then close the case again."


async def withdrawn(ctx: Context, rows: Sequence[Row], outcomes: Sequence[Outcome] | None) -> None:
    """Record what came of telling a partner to drop referrals; None means that it cannot be told by us."""
    for index, row in enumerate(rows):
        with suppress(Conflict):  # it is due again, and is read again then
            await ctx.store.commit(await _withdrawal(ctx, row, None if outcomes is None else outcomes[index]))


async def _withdrawal(ctx: Context, row: Row, outcome: Outcome | None) -> Transition:
    now = ctx.now()
    if isinstance(outcome, Deferred | Unknown):
        later = next_at(row["claims"], getattr(outcome, "retry_after", None), row["id"], moment(now))
        if later is not None:
            return _again(row, now, micros(later))
    state = step(REFERRAL, ReferralState(row["state"]), "withdraw")
    dropped = Change(referrals, {"id": row["id"]}, {"state": state, "next_at": None}, row["version"])
    told = isinstance(outcome, Accepted)
    event = Event("referral.withdrawn", ROUTER.id, row["case_id"], row["id"], {"told": told})
    if told:
        return Transition(now, (dropped,), (), (), (event,))
    asked, events = await _asked(ctx, await case_row(ctx, row["case_id"]), now)
    if not asked:
        return _again(row, now, micros(moment(now) + _DESK_BUSY))
    return Transition(now, (dropped, *asked), (), (), (event, *events))


def _again(row: Row, now: int, at: int) -> Transition:
    """Try again later. The claim is let go but stays counted: its number is the step of the schedule, which ends."""
    again = {"next_at": at, "claimed_by": None, "claimed_until": None}
    return Transition(now, (Change(referrals, {"id": row["id"]}, again, row["version"], keep_claim=True),))


async def _asked(ctx: Context, case: Row, now: int) -> tuple[list[Change], list[Event]]:
    """Return what asks people to tell the partner; nothing when their desk has something graver."""
    if case["state"] != CaseState.CLOSED:
        return ask(case, DeskCode.WITHDRAW, _TELL, now), []
    open_now = await ctx.store.rows(
        select(cases).where(and_(cases.c.url_bidx == case["url_bidx"], cases.c.state != CaseState.CLOSED))
    )
    if open_now:
        return ask(open_now[0], DeskCode.WITHDRAW, _TELL, now), []
    return [_reopened(case, now)], [Event("case.reopened", ROUTER.id, case["id"], None, {"outcome": case["outcome"]})]


def _reopened(case: Row, now: int) -> Change:
    values = {
        "state": step(CASE, CaseState(case["state"]), "reopen"),
        "outcome": None,
        "rests_on": None,
        "closed_at": None,
        "desk_code": DeskCode.WITHDRAW,
        "desk_text": _TELL_AND_CLOSE,
        "desk_since": now,
        "desk_due": None,
    }
    return Change(cases, {"id": case["id"]}, values, case["version"])
