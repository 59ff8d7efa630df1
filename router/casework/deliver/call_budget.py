"""The pace of calls towards a partner, kept in a row that all processes share (`router.partners.budget`)."""

from sqlalchemy import select

from router.clock import Clock, micros
from router.errors import Conflict
from router.store.base import Add, Change, Transition
from router.store.schema.partners import call_budgets
from router.store.writer import Writer

#: How often a call is reserved anew because another process was faster.
_ROUNDS = 20


class SharedBudget:
    """Budgets of calls, one row each."""

    def __init__(self, store: Writer, clock: Clock) -> None:
        """Keep the rows in this store, dated by this clock."""
        self._store = store
        self._clock = clock

    async def reserve(self, name: str, gap: float) -> float:
        """Take the next call of a budget, calls being `gap` seconds apart; return the seconds until it may be made.

        Raise StoreUnavailable. Where other processes are faster again and again, one gap is waited without a row.
        """
        for _ in range(_ROUNDS):
            rows = await self._store.rows(select(call_budgets.c.free_at).where(call_budgets.c.name == name))
            now, free_at = micros(self._clock.now()), rows[0]["free_at"] if rows else None
            at = now if free_at is None else max(free_at, now)
            then = {"free_at": at + int(gap * 1_000_000)}
            if free_at is None:
                reserved = Transition(now, adds=(Add(call_budgets, {"name": name, **then}),))
            else:
                seen = {"free_at": free_at}
                reserved = Transition(now, (Change(call_budgets, {"name": name}, then, guard=seen),))
            try:
                await self._store.commit(reserved)
            except Conflict:
                continue
            return (at - now) / 1_000_000
        return gap
