"""Why nothing goes to a partner now, since when, and what ends it. Pure: over its entry, its row and what halts it.

Whatever gates a claim (`lanes.may_call`) has its sentence here, in the order in which a person would mend it: what
staff decided, what the directory or the law says, what the partner or the network does.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from router.delivery.breaker import BY_STAFF
from router.delivery.lanes import FURTHEST, SECOND, closed_until, is_full
from router.delivery.partner_state import DAY, Breaker, PartnerState
from router.partners.base import Reason
from schemas.casefile import WaitCode
from schemas.partner import Partner
from schemas.trace import Reason as Bar

_GONE: Final = "It closed its address (HTTP 410): ask for the new one, then run `partners resume {name}`."
_PAUSED: Final = "Staff paused it; `partners resume {name}` ends that."
_AGAIN: Final = "The router tries it again by itself."
_DOWN: Final = "It could not be reached {failures} times in a row."
#: What people must mend before it can end, by why the last call failed.
_TO_MEND: Final = {
    Reason.CLOCK: "It finds our clock wrong; set the clocks by a time server (`doctor` compares them).",
    Reason.BAD_SIGNATURE: (
        "It finds that our signature does not fit; most often the address in its entry here is not its `public_url`."
    ),
    Reason.WRONG_RECIPIENT: "One side knows the other by another name; compare `peer` in its entry here with its own.",
    Reason.UNKNOWN_KEY: "It has not pinned the key that we sign with; give its operator our identity (see `doctor`).",
    Reason.NOT_AUTHENTICATED: "It does not accept our key or token; check the keys with its operator.",
    Reason.GUARD_REFUSED: "Its address leads where the router must not call; correct the address in its entry.",
    Reason.MISCONFIGURED: "Its entry here cannot be used; `partners check {name}` says what to correct.",
    Reason.INSECURE: "Its certificate is not the expected one, so nothing is sent; ask its operator.",
    Reason.REDIRECTED: "Its address leads elsewhere, where the router does not follow; correct the address.",
}
_CAPPED: Final = "It has got all that it takes in a day; the rest leaves after midnight (UTC), what is urgent at once."


@dataclass(frozen=True, slots=True)
class Wait:
    """Why nothing leaves for a partner. Moments are microseconds; `until` None means that somebody has to act."""

    code: WaitCode
    text: str
    since: int | None = None
    until: int | None = None
    reason: str | None = None  #: of one that is down: the code of the failure


@dataclass(frozen=True, slots=True)
class Halted:
    """A stop in force that holds this partner."""

    scope: str
    since: int


def why_it_waits(
    name: str, partner: Partner | None, state: PartnerState, now: int, *, bar: Bar | None, stop: Halted | None
) -> Wait | None:
    """Return why nothing goes to the partner now, or None when it is called as soon as something is due.

    `bar` is what the law or the directory says against calling it at all (`policy.bars.may_be_called`).
    """
    if stop is not None:
        return Wait(WaitCode.STOPPED, f"Sending is stopped ({stop.scope}); lift the stop.", stop.since)
    if partner is None:
        return Wait(WaitCode.NOT_LISTED, f"The directory names no partner {name}; add it, or send it another way.")
    if bar is not None:
        return Wait(WaitCode(bar.code), f"{bar.text[:1].upper()}{bar.text[1:]}.")
    return _held(name, state, now) or _closed(partner, now) or _ended(partner, now)


def _held(name: str, state: PartnerState, now: int) -> Wait | None:
    if state.paused is not None:
        text = _PAUSED if state.paused == BY_STAFF else _GONE
        return Wait(WaitCode.PAUSED, text.format(name=name), state.since)
    until = state.opened_until
    if state.breaker is Breaker.OPEN and until is not None and now < until <= now + FURTHEST:
        return Wait(WaitCode.DOWN, f"{_fault(name, state)} {_AGAIN}", state.since, until, state.because)
    return None


def _fault(name: str, state: PartnerState) -> str:
    to_mend = _TO_MEND.get(Reason(state.because)) if state.because in set(Reason) else None
    return (to_mend or _DOWN).format(name=name, failures=state.failures)


def full(partner: Partner, state: PartnerState, now: int) -> Wait | None:
    """Return why no more than what is urgent or begun goes to the partner today, or None while it takes more."""
    if not is_full(state, partner.pace, now):
        return None
    today = now - now % DAY
    return Wait(WaitCode.DAILY_CAP, _CAPPED, None, today + DAY)


def _closed(partner: Partner, now: int) -> Wait | None:
    until = closed_until(partner.pace, now)
    return Wait(WaitCode.CLOSED_HOURS, "It is not called in its closed hours.", None, until) if until > now else None


def _ended(partner: Partner, now: int) -> Wait | None:
    today: date = datetime.fromtimestamp(now / SECOND, UTC).date()
    ends = [day for day in (partner.agreement.until, partner.agreement.transfer_until) if day and today > day]
    if not ends:
        return None
    return Wait(WaitCode.AGREEMENT_ENDED, f"The agreement with it ended on {min(ends)}; renew it in the directory.")
