"""How often somebody outside may be asked: a token bucket, and a breaker that opens when they say "enough".

Nobody waits here. A question that may not be asked now is not asked: the verdict stands on what is known, and the case
is traced again anyway before anything is sent.
"""

from collections.abc import Callable
from typing import Final

from router.guard.retry_after import LONGEST_WAIT

#: Seconds without a question after "too many" or "unavailable" that did not say how long.
_PAUSE: Final = 300.0
#: Failures in a row after which somebody is left alone.
_FAILURES: Final = 5


class Pace:
    """The pace towards one server. `now` gives seconds."""

    def __init__(self, per_second: float, burst: int, now: Callable[[], float]) -> None:
        """Allow `burst` questions at once and `per_second` on average."""
        self._per_second = per_second
        self._burst = float(burst)
        self._now = now
        self._tokens = float(burst)
        self._at = now()
        self._closed_until = 0.0
        self._told = 0.0  #: the last turn that somebody was told of
        self._failures = 0

    def may_ask(self) -> bool:
        """Take a token, if there is one and nobody asked us to wait."""
        now = self._now()
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._per_second)
        self._at = now
        if now < self._closed_until or self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def turn(self) -> float:
        """Return the seconds until a turn that nobody else was told of: many who wait do not all come back at once.

        It is a hint, not a claim: who comes then asks `may_ask` like everybody.
        """
        now = self._now()
        tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._per_second)
        free = max(now, self._closed_until, now + (1 - tokens) / self._per_second)
        self._told = max(free, self._told + 1 / self._per_second)
        return self._told - now

    @property
    def is_closed(self) -> bool:
        """Whether nobody is asked at all for a while, for failures or because we were told to wait."""
        return self._now() < self._closed_until

    def answered(self) -> None:
        """Note a sensible answer."""
        self._failures = 0

    def failed(self) -> None:
        """Note that no sensible answer came; after several in a row nobody is asked for a while."""
        self._failures += 1
        if self._failures >= _FAILURES:
            self.wait(_PAUSE)

    def wait(self, seconds: float | None) -> None:
        """Ask nothing for that long; None when we were told to wait but not for how long."""
        pause = _PAUSE if seconds is None else min(max(seconds, 1.0), LONGEST_WAIT)
        self._closed_until = max(self._closed_until, self._now() + pause)
