"""The telling half of a worker: what sources hear of their reports. Nothing else waits for it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from router.casework.context import Context
from router.casework.deliver import status_news
from router.store.schema.tables import sources

#: Seconds between two looks: where nobody hears anything, and at least and at most where somebody does.
NOBODY: Final = 5.0
LEAST: Final = 0.2
MOST: Final = 1.0
_HEARS: Final = select(sources.c.name).where(sources.c.status_hook.is_not(None)).limit(1)


@dataclass(slots=True)
class Telling:
    """Tells what is due."""

    ctx: Context

    async def turn(self) -> int:
        """Tell everything that is due now, once; return how much there was."""
        return await status_news.turn(self.ctx)

    async def pause(self) -> float:
        """Return for how many seconds there is nothing to do: what is held back is due, and not told."""
        if not await self.ctx.store.rows(_HEARS):
            return NOBODY
        due = await status_news.next_due(self.ctx)
        return MOST if due is None else min(MOST, max(LEAST, (due - self.ctx.now()) / 1_000_000))
