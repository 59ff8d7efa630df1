"""The circuit breaker of one partner, pure: what an attempt's outcome makes of its state.

closed: FAILURES failed calls in a row open it; an answer that says "not you" or "not here" opens it at once, because
every further call would fail and look like an attack. open: after a pause that doubles up to LONGEST, one probe is let
through (`lanes.spend` marks it). half_open: each success halves the failures still counted, and lanes let twice as much
through, until none is left: a partner that comes back is not flooded.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from router.delivery.partner_state import LONGEST, Breaker, PartnerState
from router.partners.base import Accepted, Deferred, Outcome, Progressed, Reason, Unknown

#: Failed calls in a row that open it (Convoy and resilience4j use 5 to 10; a hotline's traffic is thin).
FAILURES: Final = 5
#: First pause, in microseconds, as the first step of the schedule; each is twice the one before, up to LONGEST.
FIRST: Final = 30_000_000
#: More failures than this change nothing any more; it bounds the climb back to seven successes.
MOST: Final = 64
#: Answers within so long, in microseconds, are one: when a partner last answered is worth a write a minute.
HEARD: Final = 60_000_000
#: `paused` of a partner that staff paused; any other value is the reason of the answer that did.
BY_STAFF: Final = "staff"

_OUR_FAULT: Final = frozenset(
    {
        Reason.NOT_AUTHENTICATED,
        Reason.CLOCK,
        Reason.BAD_SIGNATURE,
        Reason.WRONG_RECIPIENT,
        Reason.UNKNOWN_KEY,
        Reason.GUARD_REFUSED,
        Reason.MISCONFIGURED,
    }
)
#: The partner answered, so it is there; what it said concerns the referral.
_ALIVE: Final = frozenset({Reason.PARTNER_DEFERS, Reason.TOO_LARGE, Reason.LOOKED_FOR, Reason.NOT_CONFIRMED})


def after(state: PartnerState, outcomes: Sequence[Outcome], now: int) -> PartnerState:
    """Return the state after one call with these outcomes, at `now` (microseconds)."""
    outcomes = [one for one in outcomes if not (isinstance(one, Deferred) and one.reason is Reason.OWN_PACE)]
    if not outcomes:  # nobody was asked, which says nothing of the partner
        return state
    reasons = {outcome.reason for outcome in outcomes if isinstance(outcome, Deferred | Unknown)}
    if Reason.GONE in reasons:
        return replace(_opened(state, MOST, now, Reason.GONE), paused=Reason.GONE, since=now)
    if ours := reasons & _OUR_FAULT:
        return _opened(state, MOST, now, min(ours))
    if any(isinstance(outcome, Accepted | Progressed) for outcome in outcomes) or not reasons - _ALIVE:
        return _succeeded(state, now)
    failures = min(state.failures + 1, MOST)
    if state.breaker is Breaker.CLOSED and failures < FAILURES:
        return replace(state, failures=failures)
    return _opened(state, max(failures, FAILURES), now, min(reasons - _ALIVE))


def paused(state: PartnerState, now: int) -> PartnerState:
    """Return the state after staff paused it: nothing is sent until they release it."""
    return replace(state, paused=BY_STAFF, since=now)


def released(state: PartnerState) -> PartnerState:
    """Return the state after staff said that the cause is mended, or the partner answered: the next call is a probe."""
    return replace(state, breaker=Breaker.OPEN, failures=1, opened_until=0, paused=None, because=None)


def _opened(state: PartnerState, failures: int, now: int, because: Reason) -> PartnerState:
    pause = min(FIRST * 2 ** max(failures - FAILURES, 0), LONGEST)
    since = now if state.since is None else state.since
    return replace(
        state, breaker=Breaker.OPEN, failures=failures, opened_until=now + pause, since=since, because=str(because)
    )


def answered(state: PartnerState, now: int) -> PartnerState:
    """Return the state after it answered as it should; one that did so moments ago is left as it is."""
    at = state.answered_at
    return state if at is not None and at <= now < at + HEARD else replace(state, answered_at=now)


def _succeeded(state: PartnerState, now: int) -> PartnerState:
    state = answered(state, now)
    if state.breaker is Breaker.CLOSED:
        return replace(state, failures=0)
    left = state.failures // 2
    breaker = Breaker.HALF_OPEN if left else Breaker.CLOSED
    since = state.since if left else None
    return replace(state, breaker=breaker, failures=left, opened_until=None, since=since, because=None)
