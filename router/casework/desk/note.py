"""A note of staff about a case: for whoever opens it next. It changes nothing of the case, and never leaves.

It is sealed under the case's key as every typed reason is, stands in the timeline, and is erased with the case. Like
those it is shown without what names the location until that is revealed.
"""

from typing import Final

from router.casework.case.record import case_row
from router.casework.case.sealed import TYPED, key_of
from router.casework.context import Context
from router.store.base import Event, Transition
from router.store.ids import new_id
from schemas.actor import Actor

#: What the audit chain calls it.
NOTED: Final = "case.noted"


async def add(ctx: Context, case_id: str, actor: Actor, note: str) -> None:
    """Keep a note of a case, closed ones too. Raise NotFound for one that was erased."""
    case = await case_row(ctx, case_id)
    typed_id = new_id()
    sealed = (await key_of(ctx, case["id"])).seal(f"{TYPED}:{typed_id}", note.encode())
    event = Event(NOTED, actor.id, case["id"], None, {"typed": typed_id}, sealed)
    await ctx.store.commit(Transition(ctx.now(), events=(event,)))
