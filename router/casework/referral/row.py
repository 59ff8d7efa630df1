"""The row of a new referral, for whoever chose its partner: a route of the policy, or a person."""

from dataclasses import dataclass
from typing import Any, Final

from router.clock import micros
from router.store.base import Add, Row
from router.store.ids import new_id
from router.store.schema.tables import referrals
from schemas.decision import Recipient
from schemas.policy import UNSEEN
from schemas.states import ReferralState

#: `last_reason` of a referral whose partner people were asked to tell that it was taken back.
BY_HAND: Final = "by_hand"
#: `last_reason` of what waits for its source's cap to open again.
AT_ITS_CAP: Final = "source_cap"
#: The receipt of what was accepted by a partner that gives none: an accepted row has one, by its CHECK. It is shown as
#: "no receipt was given"; our own id never stands in for it.
NONE_GIVEN: Final = ""
#: The dialect's name on what people handed over by another way: no dialect can ask about it, or take it back.
OUTSIDE: Final = "outside"
#: The route's name on a referral that a person chose.
STAFF = "staff"
#: Routes' names on what a decision made anew leaves as it is: what a person chose, and what went to the police because
#: nobody answered the alarm.
STAYS: Final = frozenset({STAFF, UNSEEN})
#: States in which a referral to a partner stands in the way of another one to the same partner.
LIVE = frozenset(
    {
        ReferralState.WAITING,
        ReferralState.HELD,
        ReferralState.SENDING,
        ReferralState.RECALL_PENDING,
        ReferralState.ACCEPTED,
        ReferralState.UNKNOWN,
    }
)
#: States in which a partner has the case, may have it, or is still to get it. What is being recalled is not among them:
#: nobody works on it any more, though it stands in the way of another one until that is settled.
AT_WORK = LIVE - {ReferralState.RECALL_PENDING}
#: Live states in which nothing has left yet, so that another decision may simply replace it.
UNSENT = frozenset({ReferralState.WAITING, ReferralState.HELD})


@dataclass(frozen=True, slots=True)
class Chosen:
    """One partner chosen for a case, by a decision; `supersedes` is the referral it takes over from."""

    case: Row
    decision_id: str
    recipient: Recipient
    supersedes: str | None = None


def due_at(at: int | None) -> dict[str, Any]:
    """Return the column that dates what the router does next with a referral, in microseconds; None is nothing."""
    return {"next_at": at}


def referral(chosen: Chosen, now: int) -> Add:
    """Return the row of a referral that waits to be sent, or is held until its date."""
    hold = chosen.recipient.hold_until
    return Add(
        referrals,
        {
            "id": new_id(),
            "case_id": chosen.case["id"],
            "decision_id": chosen.decision_id,
            "partner": chosen.recipient.partner,
            "route": chosen.recipient.route,
            "is_copy": int(chosen.recipient.copy_),
            "state": ReferralState.HELD if hold else ReferralState.WAITING,
            "version": 1,
            **due_at(micros(hold) if hold else now),
            "claims": 0,
            "rank": chosen.case["rank"],
            "lane": chosen.case["lane"],
            "attempts": 0,
            "created_at": now,
            "hold_until": micros(hold) if hold else None,
            "hold_reason": chosen.recipient.hold_reason,
            "may_have_arrived": 0,
            "supersedes": chosen.supersedes,
        },
    )


def is_live(row: Row) -> bool:
    """Tell whether a referral stands in the way of another one to the same partner."""
    return ReferralState(row["state"]) in LIVE


def is_at_work(row: Row) -> bool:
    """Tell whether a referral brings its case on: an open case without one is for people."""
    return ReferralState(row["state"]) in AT_WORK
