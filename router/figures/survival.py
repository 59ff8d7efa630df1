"""How long things took, though some had not ended when last looked at: product-limit curves and life tables. Pure.

Kaplan and Meier (1958): at each time at which something ended, the share still there is multiplied by one less the
share of those at risk that ended. What left at that same time was still at risk. Greenwood's variance; the 95 % band is
that of the complementary log (log-log), which stays within 0 and 1. A mean would be wrong: it knows no life that has
not ended. Times are whole minutes.
"""

from collections import Counter
from collections.abc import Sequence
from math import exp, log, sqrt
from typing import Final, NamedTuple

from schemas.published import LifeRow, Step

#: Of a curve with fewer lives, or fewer ends, the band says nothing: then the lives are listed (facts of 2026-11-29).
ENOUGH_LIVES: Final = 20
ENOUGH_EVENTS: Final = 10
#: Days at which intervals of a life table begin: those of the silent look-ups, which are the edges of the bins too.
EDGES: Final = (0, 1, 3, 7, 14, 28)
#: The 97.5 % point of the normal distribution.
_Z: Final = 1.959963984540054
_DAY: Final = 1440
_HALF: Final = 0.5


class Lived(NamedTuple):
    """How long one was followed, in minutes, and whether what is waited for ended it."""

    minutes: int
    event: bool


def is_enough(lives: Sequence[Lived]) -> bool:
    """Tell whether a curve of these may be drawn."""
    return len(lives) >= ENOUGH_LIVES and sum(one.event for one in lives) >= ENOUGH_EVENTS


def product_limit(lives: Sequence[Lived]) -> tuple[Step, ...]:
    """Return the steps of the curve, one for each time at which something ended."""
    ended = Counter(one.minutes for one in lives if one.event)
    followed = Counter(one.minutes for one in lives)
    at_risk, survival, variance = len(lives), 1.0, 0.0
    steps: list[Step] = []
    for at, until_then in sorted(followed.items()):
        if events := ended[at]:
            survival *= 1 - events / at_risk
            variance += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
            low, high = _band(survival, variance)
            steps.append(Step(minutes=at, at_risk=at_risk, events=events, survival=survival, low=low, high=high))
        at_risk -= until_then
    return tuple(steps)


def median(steps: Sequence[Step]) -> tuple[int | None, int | None, int | None]:
    """Return the first time at which no more than half are left, and the ends of its 95 % interval; None: not reached.

    The interval holds the times at which the band holds one half (Brookmeyer and Crowley 1982).
    """
    return (
        next((one.minutes for one in steps if one.survival <= _HALF), None),
        next((one.minutes for one in steps if one.low is not None and one.low <= _HALF), None),
        next((one.minutes for one in steps if one.high is not None and one.high <= _HALF), None),
    )


def incidence(ends: Sequence[tuple[int, str]], causes: Sequence[str]) -> dict[str, dict[int, float]]:
    """Return by cause what share had ended so before each day of `EDGES`; whatever is no cause was still there.

    Aalen and Johansen (1978): at each time, the share that nothing had ended yet times the share of those at risk that
    this ended. One less a curve that takes other ends for leaving would count too many.
    """
    at_risk, left, reached = len(ends), 1.0, dict.fromkeys(causes, 0.0)
    found: dict[str, dict[int, float]] = {cause: {} for cause in causes}
    ordered, until_then, days = Counter(ends), Counter(at for at, _ in ends), list(EDGES[1:])
    for at in (*sorted(until_then), None):
        while days and (at is None or at >= days[0] * _DAY):
            day = days.pop(0)
            for cause in causes:
                found[cause][day] = reached[cause]
        if at is None:
            break
        events = {cause: ordered[at, cause] for cause in causes}
        for cause, count in events.items():
            reached[cause] += left * count / at_risk
        left *= 1 - sum(events.values()) / at_risk
        at_risk -= until_then[at]
    return found


def life_table(lives: Sequence[Lived], edges: Sequence[int] = EDGES) -> tuple[LifeRow, ...]:
    """Return a row for each interval between two days. Who left within one counts half in it (actuarial)."""
    survival, rows = 1.0, list[LifeRow]()
    at_risk = len(lives)
    for from_day, to_day in zip(edges, (*edges[1:], None), strict=True):
        within = [
            one for one in lives if from_day <= one.minutes / _DAY and (to_day is None or one.minutes / _DAY < to_day)
        ]
        events = sum(one.event for one in within)
        left = len(within) - events
        exposed = at_risk - left / 2
        survival *= 1 - events / exposed if exposed else 1.0
        rows.append(
            LifeRow(from_day=from_day, to_day=to_day, at_risk=at_risk, events=events, left=left, survival=survival)
        )
        at_risk -= len(within)
    return tuple(rows)


def _band(survival: float, variance: float) -> tuple[float | None, float | None]:
    if not 0 < survival < 1:
        return None, None
    spread = _Z * sqrt(variance) / log(survival)
    return survival ** exp(-spread), survival ** exp(spread)
