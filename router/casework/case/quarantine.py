"""What the router failed on again and again: people get it, and nothing of it is tried by itself any more."""

from typing import Final

from router.casework.case.desk_entry import ask, put_on_desk
from router.casework.case.next_look import look_at
from router.casework.case.record import case_row
from router.casework.context import Context
from router.casework.referral.changes import in_doubt
from router.casework.referral.row import due_at
from router.store.base import Change, Event, Row, Transition
from router.store.schema.tables import cases, referrals
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.states import REFERRAL, ReferralState, step

#: Claims without an outcome after which a case or referral is a suspect: it is claimed and worked on alone, so that a
#: worker that dies of it raises no other's count; and after which people look (ADR 0005).
ALONE: Final = 2
BROKEN: Final = 4
_FAILED: Final = "The router failed on this case more than once; decide by hand, and tell the operator its id."


async def set_aside(ctx: Context, row: Row) -> None:
    """Put a case on the desk as `broken`, beside whatever people are asked already.

    Raise Conflict when staff were faster.
    """
    now = ctx.now()
    event = Event("case.set_aside", ROUTER.id, row["id"], None, {"state": row["state"], "claims": row["claims"]})
    placed = put_on_desk(row, (DeskCode.BROKEN, _FAILED), now)
    change = Change(cases, {"id": row["id"]}, placed | look_at(None), row["version"])
    await ctx.store.commit(Transition(now, (change,), (), (), (event,)))


async def set_referral_aside(ctx: Context, row: Row) -> None:
    """End a referral that no worker could finish, and ask people. Raise Conflict when staff were faster.

    Once its bytes were frozen they may have left, so it ends as `unknown`, not as one that never arrived. That its next
    call may have been made already only its claims told, which are let go of: so it is noted.
    """
    now = ctx.now()
    frozen = row["payload"] is not None or bool(row["may_have_arrived"])
    after = step(REFERRAL, ReferralState(row["state"]), "lose" if frozen else "expire")
    ended = {"state": after, **due_at(None), "may_have_arrived": int(frozen), "in_doubt": int(in_doubt(row))}
    text = "The router failed on a referral more than once; ask the partner whether it came, and tell the operator."
    asked = ask(await case_row(ctx, row["case_id"]), DeskCode.BROKEN, text, now, row["id"])
    said = {"partner": row["partner"], "claims": row["claims"], "state": after}
    event = Event("referral.set_aside", ROUTER.id, row["case_id"], row["id"], said)
    change = Change(referrals, {"id": row["id"]}, ended, row["version"])
    await ctx.store.commit(Transition(now, (change, *asked), (), (), (event,)))
