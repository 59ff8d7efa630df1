"""What is remembered of a partner between calls: one row of `partner_state`, as a value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

#: One day in the store's unit.
DAY: Final = 86_400_000_000
#: The longest pause of a breaker, in microseconds: 15 minutes.
LONGEST: Final = 900_000_000


class Breaker(StrEnum):
    """Whether a partner may be called."""

    CLOSED = "closed"  #: it may
    OPEN = "open"  #: not before opened_until
    HALF_OPEN = "half_open"  #: one call shows whether it is back; then ever more


@dataclass(frozen=True, slots=True)
class PartnerState:
    """A row of `partner_state` without its key and version. Moments are microseconds since the epoch."""

    breaker: Breaker = Breaker.CLOSED
    failures: int = 0  #: failed calls in a row; on the way back, steps still to climb
    opened_until: int | None = None  #: no call before then; half open: the probe has until then
    paused: str | None = None  #: the reason why nothing is sent until staff release it
    day: int = 0  #: start of the day (UTC) that sent_today counts
    sent_today: int = 0
    tokens: float = 0.0  #: calls that may be made at once, as of tokens_at
    tokens_at: int = 0
    since: int | None = None  #: when the breaker last left `closed`, or it was paused; None while it is called
    because: str | None = None  #: the reason of the failure that opened the breaker, as a code; None while it is called
    clock_ahead: int | None = None  #: seconds by which its clock was ahead of ours at its last answer
    answered_at: int | None = None  #: when it last answered as it should, kept no finer than `breaker.HEARD`

    @classmethod
    def of(cls, row: Mapping[str, Any] | None) -> Self:
        """Return the row's state; None is a partner that was never called."""
        if row is None:
            return cls()
        names = cls.__slots__
        return replace(cls(**{name: row[name] for name in names}), breaker=Breaker(row["breaker"]))

    def values(self) -> dict[str, Any]:
        """Return the columns to write, without `partner` and `version`."""
        return asdict(self)
