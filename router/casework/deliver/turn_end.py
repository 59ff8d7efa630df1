"""When a turn begins no further call: what is left is put back, and is claimed again by whoever comes next.

A claim is a lease. Whoever still calls when it has ended calls beside another worker, who rightly took the referral for
one whose sender died. So no call begins that could outlast it. And the first call that fails ends the turn: the breaker
must hear of it before a partner that is down is called once for each of a thousand referrals.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from router.casework.context import Context
from router.casework.referral.row import due_at
from router.delivery.send import GRACE
from router.errors import Conflict
from router.partners.base import Deferred, Outcome, Unknown
from router.store.base import Change, Row, Transition
from router.store.schema.tables import referrals
from schemas.states import REFERRAL, ReferralState, step

#: Microseconds until what we failed on is tried again: a fault of the moment is over by then.
_FAILED: Final = 30_000_000


@dataclass(slots=True)
class TurnEnd:
    """The end of one turn."""

    until: float  #: when the first of its leases ends, by the loop's clock
    call_seconds: float  #: how long one call may take
    failed: bool = False

    def has_come(self) -> bool:
        """Tell whether no further call may begin."""
        return self.failed or asyncio.get_running_loop().time() + self.call_seconds + GRACE > self.until

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Hear how a call went."""
        self.failed = self.failed or any(isinstance(one, Deferred | Unknown) for one in outcomes)


async def put_back(ctx: Context, left: Sequence[tuple[Row, bool]]) -> None:
    """Let go of what a turn did not come to, due at once: each as it was before, and no claim of it counts.

    With each stands whether its bytes were made in this turn: then they are made anew when its turn comes, which may
    be hours away. One that staff acted on meanwhile stays claimed until its lease ends, as where a sender died.
    """
    now = ctx.now()
    await ctx.store.commit_all([Transition(now, (_as_before(row, now, made_now=made_now),)) for row, made_now in left])


def _as_before(row: Row, now: int, *, made_now: bool) -> Change:
    values = {"state": step(REFERRAL, ReferralState(row["state"]), "defer"), **due_at(now)}
    if made_now:
        values |= {"payload": None, "payload_digest": None, "first_sent_at": None}
    return Change(referrals, {"id": row["id"]}, values, row["version"])


async def let_go(ctx: Context, row: Row) -> None:
    """Let go of a referral that we failed on before its bytes left.

    The claim stays counted, so that it is soon claimed alone, and in the end people look (`worker/sending`).
    """
    after = step(REFERRAL, ReferralState(row["state"]), "defer")
    again = {"state": after, **due_at(ctx.now() + _FAILED), "claimed_by": None, "claimed_until": None}
    change = Change(referrals, {"id": row["id"]}, again, row["version"], keep_claim=True)
    with suppress(Conflict):  # staff were faster
        await ctx.store.commit(Transition(ctx.now(), (change,)))
