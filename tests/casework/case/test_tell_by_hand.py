"""What was told by hand is unconfirmed until somebody says otherwise."""

from router.casework.case.tell_by_hand import CONFIRMED, is_unconfirmed
from router.casework.referral.row import BY_HAND
from schemas.states import ReferralState


def test_only_what_is_taken_back_and_was_told_by_hand_waits_for_a_word() -> None:
    for state in ReferralState:
        taken = state in {ReferralState.RECALLED, ReferralState.WITHDRAWING}
        assert is_unconfirmed({"state": state, "last_reason": BY_HAND}) is taken
        assert not is_unconfirmed({"state": state, "last_reason": CONFIRMED})
