"""Sends what is due, one task a partner, so that a slow or dead partner delays no other.

Before anything is claimed, the partner's row says how much it may get now: breaker, pace, daily cap, closed hours, and
the stops in force. Only then are referrals claimed, urgent first, and handed to casework.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, func, select

from router.casework import deliver
from router.casework.broken import set_referral_aside
from router.casework.context import Context
from router.casework.partners import spent, standing, tried
from router.casework.stop import Halts, halts
from router.delivery.lanes import Grant, Waiting, may_call
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.partners.base import Outcome
from router.store.base import Claim, Row
from router.store.tables import referrals
from router.worker.due import Due, look
from schemas.partner import Partner
from schemas.states import ReferralState

#: Most referrals of one partner counted and claimed at once; two turns follow each other without a pause.
_MOST = 1000
#: Which ranks make up each lane of a grant: rank 0 is a child at risk, whatever the lane.
_LANES = {"urgent": (0, 1), "normal": (2,), "bulk": (3,)}
#: Claims without an outcome after which a referral is sent alone, so that it cannot take others with it, and after
#: which people look (DESIGN section 7).
_ALONE, _BROKEN = 2, 4
#: Seconds until a partner whose turn failed is looked at again.
_PAUSE = 1.0
_SENDABLE = (ReferralState.WAITING, ReferralState.SENDING)
_MICROS = 1_000_000


@dataclass(slots=True)
class Sending:
    """The sending half of a worker."""

    ctx: Context
    _running: dict[str, asyncio.Task[int]] = field(default_factory=dict)
    _again: dict[str, int] = field(default_factory=dict)

    async def turn(self) -> int:
        """Send what is due now and wait until it is settled; return how much there was."""
        due = await look(self.ctx.store)
        await self.start(due)
        return sum(await asyncio.gather(*self._running.values())) if self._running else 0

    async def start(self, due: Due) -> None:
        """Start a task for each partner that has something due and none running."""
        now = self.ctx.now()
        self._running = {name: task for name, task in self._running.items() if not task.done()}
        for name, at in due.partners.items():
            if at <= now and name not in self._running and self._again.get(name, 0) <= now:
                self._running[name] = asyncio.create_task(self._guarded(name), name=f"send-{name}")

    def next_due(self, due: Due) -> int | None:
        """Return when a partner comes due that is not being sent to already."""
        idle = {name: at for name, at in due.partners.items() if name not in self._running}
        return min((max(at, self._again.get(name, 0)) for name, at in idle.items()), default=None)

    async def finish(self) -> None:
        """Wait until every attempt under way is settled."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _guarded(self, name: str) -> int:
        try:
            return await self._partner(name)
        except RouterError as error:
            get_log("worker.sending").warning("sending_failed", partner=name, code=error.code)
        except Exception as error:  # noqa: BLE001 - one partner's trouble stays its own; the leases run out
            get_log("worker.sending").warning("sending_broke", partner=name, error=type(error).__name__, exc_info=error)
        self._wait(name, None)
        return 0

    async def _partner(self, name: str) -> int:
        partner = (await self.ctx.governance.directory()).named(name)
        done = await self._released(name)
        if not (await halts(self.ctx)).partner(name):
            done += await self._withdrawals(name, partner)
        if partner is None or partner.dialect not in self.ctx.dialects:
            self._wait(name, None)  # the case's own date brings what waits to the desk
            return done
        return done + await self._send(partner)

    async def _send(self, partner: Partner) -> int:
        stopped = await halts(self.ctx)
        known = await standing(self.ctx, partner.name)
        waiting = await self._waiting(partner.name, stopped)
        bundle = self.ctx.dialects[partner.dialect].bundle
        now = self.ctx.now()
        halted = stopped.partner(partner.name)
        grant = may_call(known.state, partner.pace, waiting, now, bundle=bundle, stopped=halted)
        if grant.total == 0:
            self._wait(partner.name, grant.again_at)
            return 0
        try:
            known = await spent(self.ctx, known, partner.pace, grant)
        except Conflict:
            return 1  # another worker spent it; look again at once
        rows = await self._claim(partner.name, grant, stopped)
        calls = await deliver.run(self.ctx, partner, [row for row in rows if row["claims"] <= _ALONE])
        for row in rows:
            if row["claims"] > _ALONE:
                calls += await self._alone(partner, row)
        await tried(self.ctx, known, calls)
        return len(rows)

    async def _alone(self, partner: Partner, row: Row) -> list[list[Outcome]]:
        """Send what was claimed before without an outcome: its fault stays its own, and in the end people look."""
        try:
            if row["claims"] <= _BROKEN:
                return await deliver.run(self.ctx, partner, [row])
            await set_referral_aside(self.ctx, row)
        except Conflict:
            return []  # staff were faster
        except Exception as error:  # noqa: BLE001 - one broken referral must not stop the others; the claim counts
            get_log("worker.sending").warning(
                "referral_broke", referral=row["id"], error=type(error).__name__, exc_info=error
            )
        return []

    async def _waiting(self, name: str, stopped: Halts) -> Waiting:
        """Count what is due, each lane up to what one turn could take."""
        counts = {}
        for lane, ranks in _LANES.items():
            wanted = (referrals.c.id, self._due(name, stopped), referrals.c.rank.in_(ranks))
            some = select(wanted[0]).where(and_(*wanted[1:])).limit(_MOST).subquery()
            rows = await self.ctx.store.rows(select(func.count().label("n")).select_from(some))
            counts[lane] = int(rows[0]["n"])
        return Waiting(**counts)

    def _due(self, name: str, stopped: Halts) -> ColumnElement[bool]:
        now = self.ctx.now()
        where = and_(
            referrals.c.partner == name,
            referrals.c.state.in_(_SENDABLE),
            referrals.c.next_at <= now,
        )
        return and_(where, referrals.c.route.not_in(stopped.routes)) if stopped.routes else where

    async def _claim(self, name: str, grant: Grant, stopped: Halts) -> list[Row]:
        lease = deliver.lease(self.ctx)
        until = self.ctx.now() + round(lease * _MICROS)
        rows: list[Row] = []
        for lane, ranks in _LANES.items():
            limit = getattr(grant, lane)
            if limit:
                where = and_(self._due(name, stopped), referrals.c.rank.in_(ranks))
                order = (referrals.c.rank, referrals.c.next_at)
                values = {"state": ReferralState.SENDING, "next_at": until}
                claim = Claim(referrals, where, order, limit, self.ctx.owner, lease, values)
                rows += await self.ctx.store.claim(claim)
        return rows

    async def _released(self, name: str) -> int:
        rows = await self._in(name, (ReferralState.HELD,))
        for row in rows:
            await deliver.release(self.ctx, row)
        return len(rows)

    async def _withdrawals(self, name: str, partner: Partner | None) -> int:
        abandoned = await self._in(name, (ReferralState.RECALL_PENDING,))
        for row in abandoned:
            await deliver.abandoned(self.ctx, row)
        where = and_(
            referrals.c.partner == name,
            referrals.c.state == ReferralState.WITHDRAWING,
            referrals.c.next_at <= self.ctx.now(),
        )
        lease = deliver.lease(self.ctx)
        until = {"next_at": self.ctx.now() + round(lease * _MICROS)}
        claim = Claim(referrals, where, (referrals.c.next_at,), _MOST, self.ctx.owner, lease, until)
        rows = await self.ctx.store.claim(claim) if await self._any(where) else []
        if rows:
            await deliver.withdraw(self.ctx, partner, rows)
        return len(rows) + len(abandoned)

    async def _any(self, where: ColumnElement[bool]) -> bool:
        return bool(await self.ctx.store.rows(select(referrals.c.id).where(where).limit(1)))

    async def _in(self, name: str, states: Sequence[ReferralState]) -> list[Row]:
        where = and_(
            referrals.c.partner == name,
            referrals.c.state.in_(states),
            referrals.c.next_at <= self.ctx.now(),
        )
        return await self.ctx.store.rows(select(referrals).where(where).limit(_MOST))

    def _wait(self, name: str, until: int | None) -> None:
        self._again[name] = until if until is not None else self.ctx.now() + round(_PAUSE * _MICROS)
