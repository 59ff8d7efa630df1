"""The ringing half of a worker: claims alarms that are due, and beats once a minute. Nothing else waits for it."""

import asyncio
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, func, select

from router.casework.alarm.house import heart_beats, look_after, open_house
from router.casework.alarm.ring import admit, ring
from router.casework.alarm.ways import in_force
from router.casework.context import Context
from router.casework.decide.unseen import hand_over
from router.errors import RouterError, StoreUnavailable
from router.guard.log import get_log
from router.store.base import Claim
from router.store.schema.tables import alarms
from schemas.alarm import HouseCode

#: Alarms rung side by side, and for how many calls' length one belongs to its worker: a few receivers in turn.
_ALARMS: Final = 16
_LEASE_CALLS: Final = 2
_MICROS: Final = 1_000_000
#: Seconds between two looks at what is overdue, and at what nobody answered.
_LOOK: Final = 15
#: Beats that fail in a row before people hear of it: whoever listens rings by then, of a router that still works.
_UNHEARD: Final = 3


@dataclass(slots=True)
class Ringing:
    """Rings what is due; without a bell (a tool's context) nothing."""

    ctx: Context
    _looked: int = 0
    _beaten: int = 0
    _unheard: int = 0  #: beats in a row that nobody heard

    async def turn(self) -> int:
        """Ring everything that is due now, once; return how much there was."""
        if self.ctx.bell is None:
            return 0
        await self._look()
        await self._beat()
        now = self.ctx.now()
        where = and_(alarms.c.next_at.is_not(None), alarms.c.next_at <= now)
        lease = _LEASE_CALLS * self.ctx.call_seconds
        claim = Claim(alarms, where, (alarms.c.next_at,), _ALARMS, self.ctx.owner, lease)
        rows = await self.ctx.store.claim(claim)
        admitted = [one for row in rows if (one := await admit(self.ctx, row)) is not None]
        await asyncio.gather(*(ring(self.ctx, row) for row in admitted))
        return len(rows)

    async def next_due(self) -> int | None:
        """Return when the next alarm is due, in microseconds."""
        wanted = select(func.min(alarms.c.next_at).label("at")).where(alarms.c.next_at.is_not(None))
        at = (await self.ctx.store.rows(wanted))[0]["at"]
        return None if at is None else int(at)

    async def _look(self) -> None:
        if self.ctx.now() - self._looked >= _LOOK * _MICROS:
            self._looked = self.ctx.now()
            await hand_over(self.ctx)
            await look_after(self.ctx)

    async def _beat(self) -> None:
        beat = (await in_force(self.ctx.store)).heartbeat
        if beat is None or self.ctx.now() - self._beaten < beat.every.total_seconds() * _MICROS:
            return
        self._beaten = self.ctx.now()
        assert self.ctx.bell is not None
        try:
            await self.ctx.bell.beat(beat.url_secret)
        except StoreUnavailable:
            raise
        except RouterError as error:
            get_log("alarm").warning("heartbeat_failed", code=error.code, reason=error.reason)
            self._unheard += 1
            if self._unheard >= _UNHEARD:
                await open_house(self.ctx, HouseCode.HEARTBEAT)
        else:
            self._unheard = 0
            await heart_beats(self.ctx)
