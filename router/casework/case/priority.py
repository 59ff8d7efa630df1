"""In which order work is done: urgency before lane, never a crawler before a citizen. And which finding is graver."""

from schemas.vocabulary import Lane, Urgency

#: How grave an urgency is; the graver one wins when reports join.
GRAVITY = {Urgency.NONE: 0, Urgency.LIVE: 1, Urgency.IMMINENT_RISK: 2}
#: Every rank there is; work is asked for rank by rank, so that each question is one seek in an index.
RANKS = range(4)
#: Rank 0 is a child at risk, whatever the lane; rank 1 is the urgent lane.
URGENT = RANKS[:2]
_LANES = {Lane.URGENT: 0, Lane.NORMAL: 1, Lane.BULK: 2}


def rank(urgency: Urgency, lane: Lane) -> int:
    """Return the place in the queue: 0 is first. A child at risk passes every lane."""
    return 0 if urgency is not Urgency.NONE else 1 + _LANES[lane]


def graver(one: Urgency, other: Urgency) -> Urgency:
    """Return the graver of two urgencies."""
    return one if GRAVITY[one] >= GRAVITY[other] else other


def faster(one: Lane, other: Lane) -> Lane:
    """Return the faster of two lanes."""
    return one if _LANES[one] <= _LANES[other] else other
