"""What people have to tell a partner by hand, because we cannot: it comes back until somebody says that it was done."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import and_, select

from router.casework.context import Context
from router.casework.referral.row import due_at
from router.clock import micros, moment
from router.store.base import Change, Row
from router.store.schema.tables import cases, referrals
from schemas.casefile import DeskCode
from schemas.states import REFERRAL, ReferralState, step

#: Until people are asked again who have something graver, or whose case is only being decided.
_DESK_BUSY = timedelta(hours=1)


#: `last_reason` of a referral whose partner people were asked to tell.
BY_HAND: Final = "by_hand"
#: The same, once somebody said that the partner confirmed it.
CONFIRMED: Final = "confirmed_by_hand"
_TAKEN_BACK: Final = frozenset({ReferralState.RECALLED, ReferralState.WITHDRAWING})


def is_unconfirmed(row: Row) -> bool:
    """Tell whether a referral is taken back here alone: nobody said yet that its partner, told by hand, dropped it."""
    return row["state"] in _TAKEN_BACK and row["last_reason"] == BY_HAND


async def asked_again(ctx: Context, moved_on: Iterable[Row]) -> list[Change]:
    """Return what brings the question back in cases that leave the desk though no person answered it there.

    `moved_on` are cases as they stood before; what is asked by hand is known by its sentence.
    """
    asking = {(case["url_bidx"], case["desk_text"]) for case in moved_on if case["desk_code"] == DeskCode.WITHDRAW}
    if not asking:
        return []
    of_case = select(referrals, cases.c.url_bidx).join(cases, cases.c.id == referrals.c.case_id)
    told = and_(referrals.c.state == ReferralState.RECALLED, referrals.c.last_reason == BY_HAND)
    rows = await ctx.store.rows(of_case.where(and_(cases.c.url_bidx.in_(sorted({url for url, _ in asking})), told)))
    return [_back(row, ctx.now()) for row in rows if (row["url_bidx"], row["last_text"]) in asking]


def _back(row: Row, now: int) -> Change:
    after = step(REFERRAL, ReferralState(row["state"]), "reopen")
    return Change(referrals, {"id": row["id"]}, {"state": after, **due_at(when_free(now))}, row["version"])


def when_free(now: int) -> int:
    """Return when people are asked again who have something graver to do now, in microseconds."""
    return micros(moment(now) + _DESK_BUSY)
