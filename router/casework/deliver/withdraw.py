"""What came of telling a partner to drop a referral that was taken back; who cannot be told by us is told by people.

That question always reaches somebody: a case that was closed meanwhile is opened again for it, or, when the location
was reported anew, it is put on the case that is open now. It stays beside whatever else is asked until a person says
that it was done, also while the case is decided anew.
"""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import and_, select

from router.casework.case.close import NOT_GONE
from router.casework.case.desk_entry import ask, entry
from router.casework.case.record import case_row
from router.casework.case.sealed import keys_of
from router.casework.context import Context
from router.casework.deliver.progress import kept
from router.casework.referral.row import BY_HAND, due_at
from router.clock import micros, moment
from router.delivery.schedule import next_at
from router.errors import Conflict
from router.partners.base import Accepted, Deferred, Outcome, Progressed, Unknown
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import cases, referrals
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.states import CASE, REFERRAL, CaseState, ReferralState, step

_TELL = "Tell {partner} by hand that this was taken back."
_TELL_OF = "Tell {partner} by hand that its referral of case {case} was taken back."
_TELL_AND_CLOSE = "Tell {partner} by hand that this was taken back, then close the case again."


async def withdrawn(ctx: Context, rows: Sequence[Row], outcomes: Sequence[Outcome] | None) -> None:
    """Record what came of telling a partner to drop referrals; None means that it cannot be told by us."""
    for index, row in enumerate(rows):
        with suppress(Conflict):  # it is due again, and is read again then
            await ctx.store.commit(await _withdrawal(ctx, row, None if outcomes is None else outcomes[index]))


async def _withdrawal(ctx: Context, row: Row, outcome: Outcome | None) -> Transition:
    now = ctx.now()
    if isinstance(outcome, Progressed) and (going_on := await _going_on(ctx, row, outcome)) is not None:
        return going_on
    if isinstance(outcome, Deferred | Unknown) and row["last_reason"] != BY_HAND:
        later = next_at(row["claims"], getattr(outcome, "retry_after", None), row["id"], moment(now))
        if later is not None:
            return _again(row, now, micros(later))
    state = step(REFERRAL, ReferralState(row["state"]), "withdraw")
    dropped = Change(referrals, {"id": row["id"]}, {"state": state, **due_at(None)}, row["version"])
    told = isinstance(outcome, Accepted)
    event = Event("referral.withdrawn", ROUTER.id, row["case_id"], row["id"], {"told": told})
    if told:
        return Transition(now, (dropped,), (), (), (event,))
    asked, events = await _asked(ctx, row)
    by_hand = {"state": state, **due_at(None), "last_reason": BY_HAND}
    dropped = Change(referrals, {"id": row["id"]}, by_hand, row["version"])
    return Transition(now, (dropped, *asked), (), (), (event, *events))


async def _going_on(ctx: Context, row: Row, outcome: Progressed) -> Transition | None:
    """Keep what is done of a withdrawal of several steps; the next one is made in its own turn.

    Return None where nothing can be kept (its case was erased): then people see to it.
    """
    now, dialect = ctx.now(), ctx.dialects.get(row["dialect"])
    key = (await keys_of(ctx, [row["case_id"]])).get(row["case_id"])
    if dialect is None or key is None:
        return None
    at = now if outcome.next_at is None else micros(outcome.next_at)
    values = due_at(at) | kept(dialect, row, key, outcome, now)
    event = Event("referral.progressed", ROUTER.id, row["case_id"], row["id"], {"step": outcome.progress.step})
    return Transition(now, (Change(referrals, {"id": row["id"]}, values, row["version"]),), events=(event,))


def _again(row: Row, now: int, at: int) -> Transition:
    """Try again later. The claim is let go but stays counted: its number is the step of the schedule, which ends."""
    again = due_at(at) | {"claimed_by": None, "claimed_until": None}
    return Transition(now, (Change(referrals, {"id": row["id"]}, again, row["version"], keep_claim=True),))


async def _asked(ctx: Context, row: Row) -> tuple[list[Change], list[Event]]:
    """Return what asks people to tell the partner, beside whatever they are asked of the case already."""
    case, now = await case_row(ctx, row["case_id"]), ctx.now()
    if case["state"] != CaseState.CLOSED:
        return ask(case, DeskCode.WITHDRAW, _TELL.format(partner=row["partner"]), now, row["id"]), []
    open_now = await ctx.store.rows(
        select(cases).where(and_(cases.c.url_bidx == case["url_bidx"], cases.c.state != CaseState.CLOSED))
    )
    if open_now:
        text = _TELL_OF.format(partner=row["partner"], case=case["id"])
        return ask(open_now[0], DeskCode.WITHDRAW, text, now, row["id"]), []
    event = Event("case.reopened", ROUTER.id, case["id"], None, {"outcome": case["outcome"]})
    return [_reopened(case, _TELL_AND_CLOSE.format(partner=row["partner"]), now, row["id"])], [event]


def _reopened(case: Row, text: str, now: int, about: str) -> Change:
    values = {
        "state": step(CASE, CaseState(case["state"]), "reopen"),
        "outcome": None,
        "rests_on": None,
        "closed_at": None,
        **NOT_GONE,
        **entry(case, (DeskCode.WITHDRAW, text), now, about),
    }
    return Change(cases, {"id": case["id"]}, values, case["version"])
