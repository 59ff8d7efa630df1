"""Whom alarms reach: always changed by two, since who takes a receiver away silences what others would hear."""

from router.casework.alarm import ways
from router.casework.context import Context
from router.casework.govern.proposals import Proposed, adding, needs_two
from router.casework.govern.subjects import in_force, version
from schemas.actor import Actor
from schemas.alarm import AlarmSettings
from schemas.governed import Published
from schemas.proposal import ALARM


async def put_alarm(ctx: Context, settings: AlarmSettings, actor: Actor) -> Published:
    """Propose other receivers, whole; put them in force where nobody is there to ask. Raise NotAllowed, Conflict."""
    if not needs_two(actor):
        return Published(version=await ways.publish(ctx.store, settings, ctx.now(), actor))
    base, wanted = await in_force(ctx, ALARM), settings.model_dump_json()
    waits = [] if base == wanted else [Proposed(ALARM, base, wanted)]
    await ctx.store.commit(await adding(ctx, waits, actor))
    return Published(version=await version(ctx, ALARM), proposed=tuple(one.subject for one in waits))
