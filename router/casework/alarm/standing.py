"""How alarms stand: whom they reach, which ways failed, and how many ring."""

from sqlalchemy import and_, func, select

from router.casework.alarm.ring import failing
from router.casework.alarm.ways import in_force, ways
from router.casework.context import Context
from router.store.schema.tables import alarms
from schemas.alarm import AlarmStanding, HouseCode

#: What the heartbeat is called among ways that fail.
HEARTBEAT = "heartbeat"
#: The newest alarms are looked at: what failed long ago says nothing of now.
_LAST = 20


async def standing(ctx: Context) -> AlarmStanding:
    """Return it as it is now."""
    settings = await in_force(ctx.store)
    open_now = alarms.c.resolved_at.is_(None)
    last = select(alarms.c.told).where(open_now).order_by(alarms.c.placed_at.desc()).limit(_LAST)
    failed = {name for row in await ctx.store.rows(last) for name in failing(row["told"])}
    silent = and_(open_now, alarms.c.code == HouseCode.HEARTBEAT, alarms.c.count > 0)
    unheard = await ctx.store.rows(select(alarms.c.id).where(silent).limit(1))
    named = [way.name for way in ways(settings)]
    ringing = and_(open_now, alarms.c.acknowledged_at.is_(None), alarms.c.case_id.is_not(None))
    count = await ctx.store.rows(select(func.count().label("n")).select_from(alarms).where(ringing))
    return AlarmStanding(
        ways=tuple(named),
        failing=(*(name for name in named if name in failed), *([HEARTBEAT] if unheard else [])),
        ringing=count[0]["n"],
        heartbeat=settings.heartbeat is not None,
    )
