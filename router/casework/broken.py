"""A case on which the router failed again and again: people get it, and nothing of it is tried by itself any more."""

from router.casework.context import Context
from router.store.base import Change, Event, Row, Transition
from router.store.tables import cases
from schemas.actor import ROUTER
from schemas.casefile import DeskCode
from schemas.states import CASE, CaseState, step


async def set_aside(ctx: Context, row: Row) -> None:
    """Put a case on the desk as `broken`. Raise Conflict when staff were faster."""
    now = ctx.now()
    asked = {
        "state": step(CASE, CaseState(row["state"]), "ask_staff"),
        "desk_code": DeskCode.BROKEN,
        "desk_text": "The router failed on this case more than once; decide by hand, and tell the operator its id.",
        "desk_since": now,
        "desk_due": None,
        "next_at": None,
    }
    event = Event("case.set_aside", ROUTER.id, row["id"], None, {"state": row["state"], "claims": row["claims"]})
    change = Change(cases, {"id": row["id"]}, asked, row["version"])
    await ctx.store.commit(Transition(now, (change,), (), (), (event,)))
