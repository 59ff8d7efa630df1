"""`alarm test`: every receiver is told of a test now, and each says whether it took it."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.casework.alarm.payload import letter, webhook
from router.casework.alarm.record import record
from router.casework.alarm.ways import in_force, ways
from router.casework.context import Context
from router.errors import RouterError
from router.store.base import Event, Transition
from schemas.actor import Actor
from schemas.alarm import HouseCode, Mail


@dataclass(frozen=True, slots=True)
class Tried:
    """What one receiver said."""

    way: str
    ok: bool
    text: str


async def drill(ctx: Context, actor: Actor) -> Sequence[Tried]:
    """Tell every receiver of a test, and return what each said. No row is written but the audit's."""
    settings, now = await in_force(ctx.store), ctx.clock.now()
    row = {"case_id": None, "code": HouseCode.TEST, "placed_at": ctx.now(), "resolved_at": None, "count": 1}
    said = record(row, None, settings, me=ctx.me, console=ctx.console)
    found = []
    for way in ways(settings):
        assert ctx.bell is not None
        try:
            if isinstance(way.to, Mail):
                assert settings.relay is not None
                made = letter(said, 1, settings.relay.sender, way.to.to, now)
                await ctx.bell.letter(settings.relay, made, way.to.to)
            else:
                await ctx.bell.webhook(way.to, webhook(said, way.to.shape, now))
            found.append(Tried(way.name, ok=True, text="It was taken."))
        except RouterError as error:
            found.append(Tried(way.name, ok=False, text=f"{error.message} ({error.reason})."))
    event = Event("alarm.tested", actor.id, detail={"ways": len(found), "failed": sum(not one.ok for one in found)})
    await ctx.store.commit(Transition(ctx.now(), events=(event,)))
    return found
