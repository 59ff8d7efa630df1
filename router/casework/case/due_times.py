"""How soon people must have answered a question of the desk: one table by code, and a limit where a child is at risk.

A route of the policy may ask for less (`alarm`), never for more. The times are our own judgement, to be argued with
here: the shorter ones are those in which something that should have left has not, or may have left twice.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from router.store.base import Row
from schemas.casefile import DeskCode
from schemas.vocabulary import Urgency

_C = DeskCode
_QUARTER, _HOUR, _DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24)
#: Each question of the desk, and how soon it must be answered when the policy does not ask for less.
DUE: Final[Mapping[DeskCode, timedelta]] = {
    _C.CHILD_AT_RISK: _QUARTER,
    _C.UNKNOWN: 4 * _HOUR,
    _C.UNDELIVERED: 4 * _HOUR,
    _C.EXPIRED: 4 * _HOUR,
    _C.WITHDRAW: 4 * _HOUR,
    _C.STOPPED: 4 * _HOUR,
    _C.BROKEN: 4 * _HOUR,
    _C.EMBARGO: 4 * _HOUR,
    _C.POLICE_HOLD: 4 * _HOUR,
    _C.REFUSED: 8 * _HOUR,
    _C.RELEASED: 8 * _HOUR,
    _C.LETTER: 8 * _HOUR,
    _C.HOLD_OVER: _DAY,
    _C.BOUNCED: 8 * _HOUR,
    _C.NO_RECIPIENT: 8 * _HOUR,
    _C.OVERRULED: 8 * _HOUR,
    _C.MOVED: 8 * _HOUR,
    _C.DISAGREE: 8 * _HOUR,
    _C.ASKED: 8 * _HOUR,
    _C.NOT_ASSESSED: _DAY,
    _C.PROPOSED: _DAY,
    _C.DOUBTFUL: _DAY,
    _C.EDGE_ONLY: _DAY,
    _C.SHORTENED: _DAY,
    _C.WRAPPED: _DAY,
    _C.SEEN_LONG_AGO: _DAY,
    _C.NO_ROUTE: _DAY,
    _C.POLICY: _DAY,
    _C.LOOK: _DAY,
    _C.ACCESS: _DAY,
    _C.WATCHING: _DAY,
    _C.SECOND_LOOK: _DAY,
}
#: Whatever else is asked of a case in which a child may be in danger now is answered as soon as that itself.
AT_RISK: Final = DUE[_C.CHILD_AT_RISK]
#: But for what is asked because people said so, or because a date came round: nobody is woken up for that.
QUIET: Final = frozenset({_C.LOOK, _C.ACCESS, _C.ASKED, _C.OVERRULED, _C.WITHDRAW, _C.WATCHING, _C.SECOND_LOOK})


def is_at_risk(case: Row) -> bool:
    """Tell whether somebody reported that a child may be in danger now."""
    return bool(case["urgency"] != Urgency.NONE)


def rings(case: Row, code: DeskCode) -> bool:
    """Tell whether this question about a case is an alarm."""
    return code is DeskCode.CHILD_AT_RISK or (is_at_risk(case) and code not in QUIET)


def due_in(case: Row, code: DeskCode, alarm: timedelta | None = None) -> int:
    """Return how long people have for a question about a case, in microseconds; `alarm` is what the route asks for."""
    limits = (DUE[code], alarm, AT_RISK if rings(case, code) else None)
    return min(one for one in limits if one is not None) // timedelta(microseconds=1)
