"""What a worker does in a router that was put back, once its release is proposed: it asks, and tells nobody anything.

Partners say what became of what left after the backup, and hubs' lists are read from then on. It waits for a person to
propose the release, so that a backup may be put back for a trial, beside the router that works, without a call.
"""

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.follow_up.after_restore import Asked, asked
from router.casework.govern.paused import Walked, note_walk, paused, walked
from router.store.schema.tables import proposals
from router.worker.pulling import Pulling
from schemas.proposal import RELEASE

#: An inbox that is due later than this, in microseconds, was read through, or cannot be read now.
_SOON: Final = 2_000_000


@dataclass(slots=True)
class Restoring:
    """Walks the partners of a router that waits for its release."""

    ctx: Context
    _pulling: Pulling = field(init=False)
    _asked: Asked | None = None

    def __post_init__(self) -> None:
        self._pulling = Pulling(self.ctx, tells=False)

    async def turn(self) -> bool:
        """Walk a piece; return whether there is more. Raise StoreUnavailable, Conflict (another process did it)."""
        ctx = self.ctx
        waiting = await paused(ctx.store)
        proposed = select(proposals.c.id).where(proposals.c.subject == RELEASE)
        if waiting is None or not await ctx.store.rows(proposed) or await walked(ctx.store) is not None:
            return False
        if self._asked is None:
            self._asked = await asked(ctx)
        await self._pulling.turn()
        due = await self._pulling.next_due()
        if due is not None and due - ctx.now() <= _SOON:
            return True
        done = self._asked
        await note_walk(ctx, Walked(waiting.restored_at, done.there, done.never, done.silent))
        return False
