"""The same name is asked once: once at a time, and once within its TTL.

What is urgent waits for no question of the rest: that one may not have been sent yet.

TTLs are kept between 30 seconds and an hour: shorter ones would let one host be asked thousands of times by a crawler's
reports, longer ones would miss a move. An absence is kept as long as its SOA says within the same bounds, what a
failing or filtering server says for 30 seconds, and silence not at all: the next question may be the one that is
answered.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from router.ahead import goes_ahead
from router.clock import Clock
from router.hosting.dns.resolve import Resolution, Resolver
from schemas.trace import DnsOutcome

SHORTEST: Final = 30.0
LONGEST: Final = 3600.0
_FAILURE: Final = 30.0
#: Outcomes that say something of a server more than of the name.
_PASSING: Final = (DnsOutcome.SERVFAIL, DnsOutcome.LAME, DnsOutcome.LOOP, DnsOutcome.FILTERED, DnsOutcome.STALE)
#: Names kept; at about 2 kB each.
MOST_NAMES: Final = 10_000


def keep_for(resolution: Resolution) -> float:
    """Return for how many seconds a resolution may be used again; 0 for not at all."""
    if resolution.outcome is DnsOutcome.TIMEOUT or "half_answered" in resolution.notes:
        return 0.0
    if resolution.outcome in _PASSING or "half_filtered" in resolution.notes or resolution.min_ttl is None:
        return _FAILURE
    return min(max(float(resolution.min_ttl), SHORTEST), LONGEST)


class CachedResolver:
    """A `Resolver` that remembers another one's results."""

    def __init__(self, inner: Resolver, clock: Clock, *, most: int = MOST_NAMES) -> None:
        """Take whom to ask, the clock that ages the answers, and how many names to keep."""
        self._inner = inner
        self._now: Callable[[], float] = lambda: clock.now().timestamp()
        self._most = most
        self._kept: dict[str, tuple[float, Resolution]] = {}
        self._asking: dict[tuple[str, bool], asyncio.Future[Resolution]] = {}  #: by host, and whether it is urgent

    async def resolve(self, host: str) -> Resolution:
        """Resolve one name, from memory if it is fresh."""
        while True:
            kept = self._kept.get(host)
            if kept is not None and kept[0] > self._now():
                return kept[1]
            asking = self._asking.get((host, True)) or self._asking.get((host, goes_ahead()))
            if asking is None:
                return await self._lead((host, goes_ahead()))
            # The shield keeps one caller's cancellation from the others; if the one who asks is cancelled, the
            # next in line asks.
            try:
                return await asyncio.shield(asking)
            except asyncio.CancelledError:
                if not asking.cancelled() or (task := asyncio.current_task()) is None or task.cancelling():
                    raise

    async def aclose(self) -> None:
        """Close the inner resolver."""
        await self._inner.aclose()

    async def _lead(self, asked: tuple[str, bool]) -> Resolution:
        host, _ = asked
        future = asyncio.get_running_loop().create_future()
        self._asking[asked] = future
        try:
            resolution = await self._inner.resolve(host)
        except BaseException:
            future.cancel()
            raise
        else:
            self._keep(host, resolution)
            future.set_result(resolution)
            return resolution
        finally:
            del self._asking[asked]

    def _keep(self, host: str, resolution: Resolution) -> None:
        seconds = keep_for(resolution)
        if seconds <= 0:
            return
        if len(self._kept) >= self._most:
            self._make_room()
        self._kept[host] = (self._now() + seconds, resolution)

    def _make_room(self) -> None:
        """Drop what is stale, and of the rest what was asked first, until a tenth is free."""
        now = self._now()
        for host in [host for host, (until, _) in self._kept.items() if until <= now]:
            del self._kept[host]
        for host in list(self._kept)[: max(0, len(self._kept) - self._most * 9 // 10)]:
            del self._kept[host]
