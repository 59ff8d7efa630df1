"""Two ways back: a closed case is opened again, and the last act on a case is undone while nothing of it has left."""

from typing import Final

from router.casework.case.close import NOT_GONE
from router.casework.case.desk_entry import entry
from router.casework.case.due_times import is_at_risk
from router.casework.case.next_look import look_at
from router.casework.case.record import case_row, is_reported_anew, referral_rows
from router.casework.case.typed_reason import acted
from router.casework.case.undo import restored, undo_of
from router.casework.context import Context
from router.casework.desk.act import case_for, check_not_overtaken, retry_on_conflict
from router.casework.referral.changes import may_have_arrived, superseded
from router.casework.referral.row import UNSENT
from router.errors import Conflict
from router.store.base import Change, Event, Transition
from router.store.schema.tables import cases
from schemas.actor import Actor
from schemas.casefile import DeskCode

_REOPENED: Final = "A person opened it again, and says why in the timeline."
_REOPENED_AT_RISK: Final = "A person opened it again, and a child may be in danger: look at it now."
_REPORTED_ANEW: Final = "The location was reported again, and has another case by now; see that one."
_NOTHING: Final = "There is nothing to undo: something of it has left, or more has happened to the case since."


@retry_on_conflict
async def reopen(ctx: Context, case_id: str, actor: Actor, reason: str, *, version: int | None = None) -> None:
    """Open a closed case again: people have it, and it has no outcome. Raise NotFound, Conflict.

    Where a child may be in danger it rings: it may have been closed before anybody, or the policy, saw that.
    """
    case, after = await case_for(ctx, case_id, version, "reopen")
    if await is_reported_anew(ctx, case):
        raise Conflict(_REPORTED_ANEW, reason="reported_anew")
    now = ctx.now()
    values = {"state": after, "outcome": None, "rests_on": None, "closed_at": None, **NOT_GONE, **look_at(now)}
    asks = (DeskCode.CHILD_AT_RISK, _REOPENED_AT_RISK) if is_at_risk(case) else (DeskCode.ASKED, _REOPENED)
    values |= entry(case, asks, now)
    event = await acted(ctx, "case.reopened", actor, reason, case_id, outcome=case["outcome"])
    change = Change(cases, {"id": case_id}, values, case["version"])
    await ctx.store.commit(Transition(now, (change,), (), (), (event,)))


async def undo(
    ctx: Context, case_id: str, actor: Actor, *, reason: str | None = None, version: int | None = None
) -> None:
    """Undo the last act on a case. Raise NotFound, Conflict when something of it has left, or more has happened."""
    case = await case_row(ctx, case_id)
    await check_not_overtaken(ctx, case, version, case_id)
    last = undo_of(case)
    if last is None:
        raise Conflict(_NOTHING, reason="nothing_to_undo")
    made = [row for row in await referral_rows(ctx, case_id) if row["id"] in last.made]
    if any(row["state"] not in UNSENT or may_have_arrived(row) for row in made):
        raise Conflict(_NOTHING, reason="nothing_to_undo")
    if reason is None:
        event = Event("case.undone", actor.id, case_id, None, {"was": last.act})
    else:
        event = await acted(ctx, "case.undone", actor, reason, case_id, was=last.act)
    change = Change(cases, {"id": case_id}, restored(last), case["version"])
    await ctx.store.commit(Transition(ctx.now(), (change, *map(superseded, made)), (), (), (event,)))
