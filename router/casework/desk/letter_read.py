"""Somebody has read a letter of a police unit that names no case of ours, and done what is to be done about it."""

from sqlalchemy import select

from router.casework.context import Context
from router.errors import Conflict, NotFound
from router.store.base import Change, Event, Transition
from router.store.schema.tables import unit_letters
from schemas.actor import Actor

_NOTHING = "Nobody waits for that: it names its cases, which ask for it on the desk, or somebody has read it."


async def letter_read(ctx: Context, letter_id: str, actor: Actor) -> None:
    """End what people are told of it. Raise NotFound, Conflict."""
    rows = await ctx.store.rows(select(unit_letters).where(unit_letters.c.id == letter_id))
    if not rows:
        raise NotFound("There is no letter with this id; see `bundles letters`.")
    if not rows[0]["nameless"] or rows[0]["read_at"] is not None:
        raise Conflict(_NOTHING, reason="not_now")
    read = {"read_at": ctx.now(), "read_by": actor.id}
    change = Change(unit_letters, {"id": letter_id}, read, guard={"read_at": None})
    event = Event("unit.letter_read", actor.id, detail={"partner": rows[0]["partner"]})
    await ctx.store.commit(Transition(ctx.now(), (change,), events=(event,)))
