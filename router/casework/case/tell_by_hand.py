"""What people have to tell a partner by hand, because we cannot, and whether somebody said that it confirmed it."""

from typing import Final

from router.casework.referral.row import BY_HAND
from router.store.base import Row
from schemas.states import ReferralState

#: `last_reason` of a referral whose partner was told by hand, once somebody said that it confirmed it.
CONFIRMED: Final = "confirmed_by_hand"
_TAKEN_BACK: Final = frozenset({ReferralState.RECALLED, ReferralState.WITHDRAWING})


def is_unconfirmed(row: Row) -> bool:
    """Tell whether a referral is taken back here alone: nobody said yet that its partner, told by hand, dropped it."""
    return row["state"] in _TAKEN_BACK and row["last_reason"] == BY_HAND
