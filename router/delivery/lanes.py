"""May this partner be called now, and for how many? Pure: asked before the claim, so one dead partner delays no other.

Urgent referrals go first and are not counted against the daily cap: a child in danger does not wait for a crawler's
million. What is half done comes next, and was counted when it was begun. Bulk gets at most what the others leave, a
quarter when they leave nothing, and never the reserve of the bucket, so an urgent one that comes next finds a call to
spare.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Final

from router.delivery.partner_state import DAY, LONGEST, Breaker, PartnerState
from schemas.partner import Pace, Window

SECOND: Final = 1_000_000
#: How long a probe may take before another one is let through: twice a call's 30 s, in microseconds.
PROBE: Final = 60 * SECOND
#: No pause of a breaker ends later than this: a date beyond was written by a clock that was ahead, and counts no more.
FURTHEST: Final = LONGEST


class Hold(StrEnum):
    """Why nothing, or no more, may be sent now."""

    STOPPED = "stopped"  #: staff pulled the brake
    PAUSED = "paused"  #: the partner closed its address, or staff paused it
    BREAKER = "breaker"
    CLOSED_HOURS = "closed_hours"
    PACE = "pace"
    DAILY_CAP = "daily_cap"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many referrals of each lane are due for this partner."""

    urgent: int = 0
    normal: int = 0
    bulk: int = 0
    begun: int = 0  #: half done, of whatever lane; not among the others

    def first(self) -> "Waiting":
        """Return one referral of the most urgent lane that has any."""
        if self.urgent:
            return Waiting(urgent=1)
        if self.begun:
            return Waiting(begun=1)
        return Waiting(normal=1) if self.normal else Waiting(bulk=min(self.bulk, 1))


@dataclass(frozen=True, slots=True)
class Grant:
    """How many referrals of each lane may be claimed now. `again_at` is when to ask again, if nobody has to act."""

    urgent: int = 0
    normal: int = 0
    bulk: int = 0
    begun: int = 0
    calls: int = 0
    probe: bool = False
    hold: Hold | None = None
    again_at: int | None = None

    @property
    def total(self) -> int:
        """Referrals of all lanes."""
        return self.urgent + self.normal + self.bulk + self.begun


def may_call(
    state: PartnerState,
    pace: Pace,
    waiting: Waiting,
    now: int,
    *,
    bundle: int,
    rounds: int = 1,
    before: int = 0,
    stopped: bool = False,
) -> Grant:
    """Return what may be claimed at `now` (microseconds).

    `bundle` is how many referrals one call carries, `rounds` how many calls follow each other in one turn,
    `before` how many urgent ones leave in a turn of their own, which goes first.
    """
    closed = _closed(state, pace, now, stopped=stopped)
    if closed is not None:
        return closed
    if state.breaker is Breaker.OPEN or state.opened_until is not None:
        return Grant(hold=Hold.BREAKER) if before else _shared(waiting.first(), 1, 1, 1, bundle, probe=True)
    tokens = max(_tokens(state, pace, now) - -(-before // bundle), 0.0)
    if tokens < 1 and waiting.urgent:  # a child in danger waits for no pace
        return _shared(Waiting(urgent=waiting.urgent), bundle, bundle, 0, bundle)
    if tokens < 1:
        return Grant(hold=Hold.PACE, again_at=now + int((1 - tokens) / pace.per_second * SECOND) + 1)
    calls = min(int(tokens), pace.in_flight * rounds)
    if state.breaker is Breaker.HALF_OPEN:
        calls = min(calls, max(1, pace.burst >> state.failures.bit_length()))
    capacity = calls * bundle
    room = capacity if pace.daily_cap is None else max(pace.daily_cap - _sent_today(state, now), 0)
    spare = max(int(tokens) - pace.burst // 10, 0) * bundle
    grant = _shared(waiting, capacity, room, spare, bundle)
    if grant.total == 0 and (waiting.normal or waiting.bulk):
        short = Hold.DAILY_CAP if room == 0 else Hold.PACE
        again_at = now - now % DAY + DAY if room == 0 else now + int(SECOND / pace.per_second) + 1
        return replace(grant, hold=short, again_at=again_at)
    return grant


def spend(state: PartnerState, pace: Pace, grant: Grant, now: int) -> PartnerState:
    """Return the state after a claim; written under the row's fence, so that two workers never spend it twice."""
    spent = replace(
        state,
        tokens=max(_tokens(state, pace, now) - grant.calls, 0.0),
        tokens_at=now,
        day=now - now % DAY,
        sent_today=_sent_today(state, now) + grant.total - grant.begun,
    )
    return replace(spent, breaker=Breaker.HALF_OPEN, opened_until=now + PROBE) if grant.probe else spent


def _closed(state: PartnerState, pace: Pace, now: int, *, stopped: bool) -> Grant | None:
    if stopped:
        return Grant(hold=Hold.STOPPED)
    if state.paused is not None:
        return Grant(hold=Hold.PAUSED)
    if state.opened_until is not None and now < state.opened_until <= now + FURTHEST:
        return Grant(hold=Hold.BREAKER, again_at=state.opened_until)
    until = closed_until(pace, now)
    return Grant(hold=Hold.CLOSED_HOURS, again_at=until) if until > now else None


def is_full(state: PartnerState, pace: Pace, now: int) -> bool:
    """Tell whether the partner has got all it takes today of what is neither urgent nor begun."""
    return pace.daily_cap is not None and _sent_today(state, now) >= pace.daily_cap


def closed_until(pace: Pace, now: int) -> int:
    """Return when the partner's closed hours that are open to `now` end (microseconds), or `now` outside them."""
    return max((_until(window, now) for window in pace.closed), default=now)


def _shared(waiting: Waiting, capacity: int, room: int, spare: int, bundle: int, *, probe: bool = False) -> Grant:
    """Divide: urgent takes all it needs of the capacity, then what is begun; the rest also keeps to the daily room."""
    urgent = min(waiting.urgent, capacity)
    begun = min(waiting.begun, capacity - urgent)
    taken = urgent + begun
    rest = min(capacity - taken, room)
    bulk = min(waiting.bulk, max(rest - waiting.normal, rest // 4), max(spare - taken, 0))
    normal = min(waiting.normal, rest - bulk)
    total = taken + normal + bulk
    return Grant(urgent, normal, bulk, begun, -(-total // bundle), probe and total > 0)


def _tokens(state: PartnerState, pace: Pace, now: int) -> float:
    if state.tokens_at > now:  # a clock that was ahead wrote it; the bucket would earn nothing until we are there
        return float(pace.burst)
    earned = (now - state.tokens_at) / SECOND * pace.per_second
    return min(state.tokens + earned, float(pace.burst))


def _sent_today(state: PartnerState, now: int) -> int:
    return state.sent_today if state.day == now - now % DAY else 0


def _until(window: Window, now: int) -> int:
    """Return when a window that is open to `now` ends, or `now` when it is not."""
    today = now - now % DAY
    start, end = _micros(window.start), _micros(window.end)
    at = now - today
    if start <= end:
        return today + end if start <= at < end else now
    if at >= start:
        return today + DAY + end
    return today + end if at < end else now


def _micros(moment: time) -> int:
    return int(datetime.combine(datetime(1970, 1, 1, tzinfo=UTC).date(), moment, UTC).timestamp() * SECOND)
