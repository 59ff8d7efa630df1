"""What a new decision does to the referrals that stand: what it no longer wants is replaced, or taken back.

What never left is simply superseded. What may be with its partner by now is withdrawn there, because a referral that is
only dropped here would be worked on in two countries. A partner's acceptance stays, and so does what
a person chose, and what the police were told because nobody answered. What is only proposed now stays with its partner
too, until people have said yes or no.
"""

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import and_, case

from router.casework.referral.row import STAYS, UNSENT, due_at
from router.store.base import Change, Row
from router.store.schema.tables import referrals
from schemas.states import REFERRAL, ReferralState, step

#: What the claim of a referral notes: whoever claimed it before, with its bytes made, came to no outcome, so it may
#: have arrived. The count of claims tells that only until somebody lets go of it, for whatever reason.
_AGAIN: Final = and_(referrals.c.claims > 0, referrals.c.payload.is_not(None))
NOTED_BY_CLAIM: Final[Mapping[str, Any]] = MappingProxyType(
    {name: case((_AGAIN, 1), else_=referrals.c[name]) for name in ("may_have_arrived", "in_doubt")}
)
#: How a referral that may be with its partner is taken back, by where it stands.
_TAKE_BACK = {
    ReferralState.WAITING: "take_back",
    ReferralState.HELD: "take_back",
    ReferralState.SENDING: "recall",
    ReferralState.UNKNOWN: "recall",
    ReferralState.EXPIRED: "recall",
}


def is_superseded(row: Row, chosen: Container[str]) -> bool:
    """Tell whether a referral that never left goes to a partner that is not chosen any more."""
    unsent = ReferralState(row["state"]) in UNSENT and not row["may_have_arrived"]
    return unsent and row["partner"] not in chosen and row["route"] not in STAYS


def is_taken_back(row: Row, chosen: Container[str], proposed: Container[str]) -> bool:
    """Tell whether a referral that may have arrived is to be withdrawn at its partner."""
    state = ReferralState(row["state"])
    if is_followed(row, chosen):
        return True
    if row["route"] in STAYS or row["partner"] in proposed or state not in _TAKE_BACK:
        return False
    out = state in (ReferralState.SENDING, ReferralState.UNKNOWN) or bool(row["may_have_arrived"])
    return out and row["partner"] not in chosen


def may_have_arrived(row: Row) -> bool:
    """Tell whether a partner may have a referral although no answer said so.

    A second claim of what was frozen means that its first sender died, perhaps after the bytes had left.
    """
    return bool(row["may_have_arrived"]) or (row["claims"] > 1 and row["payload"] is not None)


def in_doubt(row: Row) -> bool:
    """Tell whether the call that is next may have been made already, so that making it could double its effect.

    Less than `may_have_arrived`: a partner that has the first of several steps for certain is in no doubt of the next.
    """
    return bool(row["in_doubt"]) or (row["claims"] > 1 and row["payload"] is not None)


def is_followed(row: Row, chosen: Container[str]) -> bool:
    """Tell whether one that used up its attempts, and may have arrived, is followed by another to the same partner."""
    expired = row["state"] == ReferralState.EXPIRED and bool(row["may_have_arrived"])
    return expired and row["partner"] in chosen


def superseded(row: Row) -> Change:
    """Return the change of a referral that never left, and never will."""
    after = step(REFERRAL, ReferralState(row["state"]), "supersede")
    return Change(referrals, {"id": row["id"]}, {"state": after, **due_at(None)}, row["version"])


def taken_back(row: Row, now: int, superseded_by: str | None) -> Change:
    """Return the change of a referral to be withdrawn: due at once, or once the attempt under way is settled."""
    state = ReferralState(row["state"])
    after = step(REFERRAL, state, _TAKE_BACK[state])
    pending = after is ReferralState.RECALL_PENDING
    values: dict[str, Any] = {"state": after, **due_at(row["next_at"] if pending else now)}
    if superseded_by is not None:
        values["superseded_by"] = superseded_by
    return Change(referrals, {"id": row["id"]}, values, row["version"], keep_claim=pending)


def is_slower(row: Row, case: Row) -> bool:
    """Tell whether a referral that is still to leave stands further back in the queue than its case does by now."""
    leaves = ReferralState(row["state"]) in UNSENT or row["state"] == ReferralState.SENDING
    return leaves and bool(row["rank"] > case["rank"])


def reprioritised(row: Row, case: Row) -> Change:
    """Return the change that brings a referral to its case's place in the queue; whoever sends it is not disturbed."""
    return Change(referrals, {"id": row["id"]}, {"rank": case["rank"]})


def override_event(row: Row) -> str:
    """Return the event by which a referral makes room for another one."""
    return recall_event(row) if _is_out(row) else "supersede"


def _is_out(row: Row) -> bool:
    """Tell whether it may have reached its partner, so that it has to be taken back there."""
    out = {ReferralState.SENDING, ReferralState.ACCEPTED, ReferralState.UNKNOWN}
    return row["state"] in out or may_have_arrived(row)


def recall_event(row: Row) -> str:
    """One that may have arrived is withdrawn at the partner, not only dropped here."""
    unsent = row["state"] in (ReferralState.WAITING, ReferralState.HELD)
    return "take_back" if unsent and may_have_arrived(row) else "recall"


def recalled(row: Row, after: ReferralState, now: int, **more: object) -> Change:
    """Return the change that takes a referral back; what is to be told to the partner is due at once."""
    pending = after in (ReferralState.WITHDRAWING, ReferralState.RECALL_PENDING)
    due = row["next_at"] if after is ReferralState.RECALL_PENDING else now
    values = {"state": after, **due_at(due if pending else None), **more}
    return Change(
        referrals, {"id": row["id"]}, values, row["version"], keep_claim=after is ReferralState.RECALL_PENDING
    )
