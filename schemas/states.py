"""The one table of states: {state: {event: next state}}. All code asks `step`; a property test walks it."""

from enum import StrEnum
from typing import Final, TypeVar


class CaseState(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"  #: to be traced
    LOCATED = "located"  #: traced, to be decided
    REFERRED = "referred"  #: with at least one partner; a check is dated
    DESK = "desk"  #: with people
    CLOSED = "closed"  #: over, with an outcome


class ReferralState(StrEnum):
    """Where a referral stands."""

    WAITING = "waiting"  #: to be sent at next_at
    HELD = "held"  #: not to be sent until released or its date comes
    SENDING = "sending"  #: an attempt is being made by claimed_by
    ACCEPTED = "accepted"  #: the partner has it; its receipt is kept, where it gives one
    REFUSED = "refused"  #: the partner will not take it
    EXPIRED = "expired"  #: every attempt failed
    UNKNOWN = "unknown"  #: it may have arrived, and sending again might double it
    RECALL_PENDING = "recall_pending"  #: recalled by staff while an attempt was being made
    WITHDRAWING = "withdrawing"  #: the partner is to be told to drop it
    RECALLED = "recalled"  #: staff took it back
    SUPERSEDED = "superseded"  #: replaced by another referral


C, R = CaseState, ReferralState

CASE: Final[dict[CaseState, dict[str, CaseState]]] = {
    C.RECEIVED: {"trace": C.LOCATED, "ask_staff": C.DESK, "refer": C.REFERRED, "close": C.CLOSED},
    C.LOCATED: {"refer": C.REFERRED, "ask_staff": C.DESK, "retrace": C.RECEIVED, "close": C.CLOSED},
    C.REFERRED: {
        "refer": C.REFERRED,
        "wait": C.REFERRED,
        "ask_staff": C.DESK,
        "retrace": C.RECEIVED,
        "close": C.CLOSED,
    },
    C.DESK: {"refer": C.REFERRED, "wait": C.DESK, "ask_staff": C.DESK, "retrace": C.RECEIVED, "close": C.CLOSED},
    C.CLOSED: {"reopen": C.DESK},  # something is left that only people can do
}

REFERRAL: Final[dict[ReferralState, dict[str, ReferralState]]] = {
    R.WAITING: {
        "claim": R.SENDING,
        "retry": R.WAITING,
        "confirm": R.ACCEPTED,  # a person typed the receipt that the partner gave
        "hold": R.HELD,
        "recall": R.RECALLED,
        "take_back": R.WITHDRAWING,  # an earlier attempt may have arrived
        "supersede": R.SUPERSEDED,
        "refuse": R.REFUSED,
    },
    R.HELD: {
        "release": R.WAITING,
        "hold": R.HELD,
        "recall": R.RECALLED,
        "take_back": R.WITHDRAWING,
        "supersede": R.SUPERSEDED,
    },
    R.SENDING: {
        "claim": R.SENDING,  # its owner died; the lease ran out
        "accept": R.ACCEPTED,
        "progress": R.WAITING,  # a step of several is done; the next one is made in its own turn
        "defer": R.WAITING,
        "refuse": R.REFUSED,
        "expire": R.EXPIRED,
        "lose": R.UNKNOWN,
        "recall": R.RECALL_PENDING,
        "supersede": R.SUPERSEDED,
    },
    R.RECALL_PENDING: {
        "accept": R.WITHDRAWING,
        "progress": R.WITHDRAWING,  # the partner has a part of it
        "lose": R.WITHDRAWING,
        "expire": R.WITHDRAWING,  # its owner died: it may have arrived
        "defer": R.RECALLED,
        "refuse": R.RECALLED,
    },
    R.WITHDRAWING: {"withdraw": R.RECALLED, "wait": R.WITHDRAWING},
    R.ACCEPTED: {"recall": R.WITHDRAWING, "bounce": R.REFUSED},
    R.REFUSED: {"retry": R.WAITING, "supersede": R.SUPERSEDED},
    R.EXPIRED: {"retry": R.WAITING, "confirm": R.ACCEPTED, "recall": R.WITHDRAWING, "supersede": R.SUPERSEDED},
    R.UNKNOWN: {"retry": R.WAITING, "confirm": R.ACCEPTED, "accept": R.ACCEPTED, "recall": R.WITHDRAWING},
    R.RECALLED: {"reopen": R.WITHDRAWING},  # nobody said yet that its partner was told by hand
    R.SUPERSEDED: {},
}

S = TypeVar("S", CaseState, ReferralState)


def step(table: dict[S, dict[str, S]], state: S, event: str) -> S | None:
    """Return the state that follows, or None when the event cannot happen there."""
    return table[state].get(event)
