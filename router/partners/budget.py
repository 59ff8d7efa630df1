"""How often a partner may be called by dialects that make several calls for one referral.

The lanes pace what is claimed, one call each. Who makes more calls in a turn reserves each of them here.
"""

from datetime import datetime, timedelta
from typing import Protocol

from router.clock import Clock


class Budget(Protocol):
    """Named budgets of calls."""

    async def reserve(self, name: str, gap: float) -> float:
        """Take the next call of a budget, calls being `gap` seconds apart; return the seconds until it may be made."""
        ...


class LocalBudget:
    """Budgets of this process alone, for tests and tools; the router's own are shared by all its processes."""

    def __init__(self, clock: Clock) -> None:
        """Begin with every budget free."""
        self._clock = clock
        self._free_at: dict[str, datetime] = {}

    async def reserve(self, name: str, gap: float) -> float:
        """Take the next call."""
        now = self._clock.now()
        at = max(self._free_at.get(name, now), now)
        self._free_at[name] = at + timedelta(seconds=gap)
        return (at - now).total_seconds()
