"""The rows of referrals that left after the backup this store was put back from: known from its ledger alone.

Such a referral keeps its id, which is what its partner knows it by. It is accepted where the ledger has the partner's
reference; where it has not, it may have arrived; one that people took back is taken back at its partner once more.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from router.casework.referral.row import LIVE, OUTSIDE, due_at
from router.store.base import Row
from schemas.states import ReferralState

#: The decision that made it is not here.
NO_DECISION: Final = ""
#: `last_reason` of what may have arrived, as of every call that nobody knows the answer of.
_NO_ANSWER: Final = "no_answer"


def taken_over(left: Sequence[Mapping[str, Any]], case: Row, now: int) -> list[Row]:
    """Return the rows for a case, the newest first: one that stands in the way of another to its partner is the last.

    `left` are rows of `left_before_restore`; `now` is in microseconds.
    """
    rows: list[Row] = []
    stands: dict[str, str] = {}
    for one in sorted(left, key=lambda one: (one["left_at"], one["id"]), reverse=True):
        row = _row(one, case, now)
        if row["state"] in LIVE and row["partner"] in stands:
            row |= {"state": ReferralState.SUPERSEDED, "superseded_by": stands[row["partner"]]}
        elif row["state"] in LIVE:
            stands[row["partner"]] = row["id"]
        rows.append(row)
    return rows


def _row(left: Mapping[str, Any], case: Row, now: int) -> Row:
    arrived = left["receipt"] is not None
    state = ReferralState.ACCEPTED if arrived else ReferralState.UNKNOWN
    if left["taken_back_at"] is not None:
        state = ReferralState.WITHDRAWING
    return {
        "id": left["id"],
        "case_id": case["id"],
        "decision_id": NO_DECISION,
        "partner": left["partner"],
        "route": left["route"],
        "is_copy": 0,
        "state": state,
        "version": 1,
        **due_at(now if state is ReferralState.WITHDRAWING else None),
        "claims": 0,
        "rank": case["rank"],
        "lane": case["lane"],
        "attempts": 0,
        "created_at": left["left_at"],
        "first_sent_at": left["left_at"],
        "dialect": left["dialect"] or OUTSIDE,
        "may_have_arrived": 1,
        "in_doubt": int(not arrived),
        "last_reason": "accepted" if arrived else _NO_ANSWER,
        "receipt": left["receipt"],
        "accepted_at": left["left_at"] if arrived else None,
        "their_report": left["their_report"],
        "their_item": left["their_item"],
    }
