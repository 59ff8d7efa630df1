"""How often a partner is asked about everything that it has, many referrals in one call."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rounds:
    """A round asks about each referral that a partner has once; its calls are the most that it gets for this."""

    every: timedelta  #: from the beginning of one round to the beginning of the next
    at_once: int  #: referrals in one call
    calls: int  #: most calls in `every`, whatever waits: a longer round takes longer

    @property
    def apart(self) -> timedelta:
        """Return how long after one call of a round the next is made."""
        return self.every / self.calls
