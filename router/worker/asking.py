"""The asking half of a worker: partners that are asked in rounds what became of referrals, by one process at a time."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, func, select

from router.casework.context import Context
from router.casework.deliver.stops import halts
from router.casework.follow_up.rounds import ask_a_page
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.partners.base import Dialect
from router.partners.rounds import Rounds
from router.policy.bars import may_be_called
from router.store.base import Add, Claim, Row, Transition
from router.store.schema.tables import status_rounds
from schemas.partner import Partner

#: For how many calls' length a partner's round belongs to whoever asks: one call, and tracing what is new.
_LEASE_CALLS: Final = 4
#: Seconds until a partner is asked again whose turn broke off.
_BROKEN: Final = 600
#: Seconds between two looks: where nobody is asked, and at least where somebody is.
_NOBODY, _LEAST, _MOST = 5.0, 0.2, 1.0


@dataclass(slots=True)
class Asking:
    """Asks whoever is due."""

    ctx: Context

    async def turn(self) -> int:
        """Make one call to each partner whose round is due; return how many were due."""
        asked = await self._asked()
        known = {row["partner"] for row in await self.ctx.store.rows(select(status_rounds.c.partner))}
        for name in sorted(set(asked) - known):
            first = {"partner": name, "version": 1, "due_at": self.ctx.now(), "began_at": self.ctx.now()}
            with suppress(Conflict):  # another process began it
                await self.ctx.store.commit(Transition(self.ctx.now(), adds=(Add(status_rounds, first),)))
        rows = await self._claim(sorted(asked))
        await asyncio.gather(*(self._one(row, *asked[row["partner"]]) for row in rows))
        return len(rows)

    async def pause(self) -> float:
        """Return for how many seconds nobody is to be asked anything."""
        if not (asked := await self._asked()):
            return _NOBODY
        theirs = status_rounds.c.partner.in_(sorted(asked))
        row = (await self.ctx.store.rows(select(func.min(status_rounds.c.due_at).label("at")).where(theirs)))[0]
        return _LEAST if row["at"] is None else min(_MOST, max(_LEAST, (row["at"] - self.ctx.now()) / 1_000_000))

    async def _asked(self) -> Mapping[str, tuple[Partner, Dialect, Rounds]]:
        """Return who may be asked now and is asked in rounds."""
        ctx = self.ctx
        _, policy = await ctx.governance.policy()
        halted = await halts(ctx)
        found: dict[str, tuple[Partner, Dialect, Rounds]] = {}
        for partner in (await ctx.governance.directory()).partners:
            dialect = ctx.dialects.get(partner.dialect)
            if dialect is None or dialect.rounds is None:
                continue
            if may_be_called(partner, policy) is None and not halted.partner(partner.name):
                found[partner.name] = partner, dialect, dialect.rounds
        return found

    async def _claim(self, names: list[str]) -> list[Row]:
        ctx = self.ctx
        due = and_(status_rounds.c.partner.in_(names), status_rounds.c.due_at <= ctx.now())
        lease = _LEASE_CALLS * ctx.call_seconds
        until = {"due_at": ctx.now() + _BROKEN * 1_000_000}
        claim = Claim(status_rounds, due, (status_rounds.c.due_at,), max(1, len(names)), ctx.owner, lease, until)
        return await ctx.store.claim(claim) if names else []

    async def _one(self, row: Row, partner: Partner, dialect: Dialect, rounds: Rounds) -> None:
        try:
            await ask_a_page(self.ctx, partner, dialect, rounds, row)
        except RouterError as error:
            get_log("worker.asking").warning("asking_failed", partner=partner.name, code=error.code)
        except Exception as error:  # noqa: BLE001 - one partner's trouble stays its own
            kind = type(error).__name__
            get_log("worker.asking").warning("asking_broke", partner=partner.name, error=kind, exc_info=error)
