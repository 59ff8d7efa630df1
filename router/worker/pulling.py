"""The reading half of a worker: the inboxes of hubs that give work to us, each read by one process at a time."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, func, select

from router.casework.context import Context
from router.casework.deliver.stops import halts
from router.casework.follow_up.report_back import report_back
from router.casework.intake.hub_inbox import pull
from router.errors import Conflict, RouterError
from router.guard.log import get_log
from router.partners.inbox import Inbox
from router.policy.bars import may_be_called
from router.store.base import Add, Claim, Transition
from router.store.schema.tables import hub_inboxes
from schemas.partner import Partner

#: For how many calls' length an inbox belongs to its reader: a turn has one deadline to read and one to tell.
_LEASE_CALLS: Final = 3
#: Seconds until an inbox is looked at again whose turn broke off.
_BROKEN: Final = 60


@dataclass(slots=True)
class Pulling:
    """Reads the inboxes that are due."""

    ctx: Context
    tells: bool = True  #: whether the hub hears that we have what we read, and what we did

    async def turn(self) -> int:
        """Make one turn of each inbox that is due; return how many."""
        done = 0
        for partner, inbox in (await self._inboxes()).values():
            done += await self._one(partner, inbox)
        return done

    async def next_due(self) -> int | None:
        """Return when the next inbox is due, in microseconds; None where none is read."""
        if not (inboxes := await self._inboxes()):
            return None
        theirs = hub_inboxes.c.partner.in_(sorted(inboxes))  # one that is paused is due, and not read
        row = (await self.ctx.store.rows(select(func.min(hub_inboxes.c.due_at).label("at")).where(theirs)))[0]
        return None if row["at"] is None else int(row["at"])

    async def _inboxes(self) -> Mapping[str, tuple[Partner, Inbox]]:
        """Return the inboxes that may be read now."""
        found: dict[str, tuple[Partner, Inbox]] = {}
        _, policy = await self.ctx.governance.policy()
        halted = await halts(self.ctx)
        for partner in (await self.ctx.governance.directory()).partners:
            dialect = self.ctx.dialects.get(partner.dialect)
            if dialect is None or may_be_called(partner, policy) is not None or halted.partner(partner.name):
                continue
            with suppress(RouterError):  # settings that cannot be used: `partners check` says which
                inbox = dialect.inbox(partner, self.ctx.call_seconds)
                if inbox is not None:
                    found[partner.name] = partner, inbox
        return found

    async def _one(self, partner: Partner, inbox: Inbox) -> int:
        ctx, mine = self.ctx, hub_inboxes.c.partner == partner.name
        if not await ctx.store.rows(select(hub_inboxes.c.partner).where(mine)):
            first = {"partner": partner.name, "version": 1, "due_at": ctx.now()}
            with suppress(Conflict):  # another process began it
                await ctx.store.commit(Transition(ctx.now(), adds=(Add(hub_inboxes, first),)))
        due = and_(mine, hub_inboxes.c.due_at <= ctx.now())
        lease = _LEASE_CALLS * ctx.call_seconds
        until = {"due_at": ctx.now() + _BROKEN * 1_000_000}
        rows = await ctx.store.claim(Claim(hub_inboxes, due, (hub_inboxes.c.partner,), 1, ctx.owner, lease, until))
        for row in rows:
            try:
                await pull(ctx, partner, inbox, row, tells=self.tells)
                if inbox.acknowledges and self.tells:
                    await report_back(ctx, partner, inbox)
            except RouterError as error:
                get_log("worker.pulling").warning("pulling_failed", partner=partner.name, code=error.code)
            except Exception as error:  # noqa: BLE001 - one hub's trouble stays its own
                kind = type(error).__name__
                get_log("worker.pulling").warning("pulling_broke", partner=partner.name, error=kind, exc_info=error)
        return len(rows)
