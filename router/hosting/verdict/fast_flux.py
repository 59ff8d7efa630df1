"""Notice hosts whose addresses wander between networks: fast flux.

The measure is the flux score of Holz, Gorecki, Rieck and Freiling, "Measuring and Detecting Fast-Flux Service Networks"
(NDSS 2008): 1.32 x distinct addresses + 18.54 x distinct networks, over several look-ups, is above 142.38 for a
flux network and far below it for load balancing. It is only asked where the TTL is low, as theirs were (300 s).
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

#: Seconds; a TTL at or below this lets the addresses wander.
LOW_TTL: Final = 300
_PER_ADDRESS: Final = 1.32
_PER_NETWORK: Final = 18.54
_THRESHOLD: Final = 142.38
#: How long an observation counts, and of how many hosts observations are kept.
_MEMORY: Final = timedelta(days=7)
_MOST_HOSTS: Final = 5_000
_MOST_SEEN: Final = 512


@dataclass(slots=True)
class _Seen:
    since: datetime
    addresses: set[str] = field(default_factory=set)
    networks: set[int] = field(default_factory=set)


class Observations:
    """What low-TTL hosts answered over the last days; in memory, as flux shows within minutes."""

    def __init__(self, *, most: int = _MOST_HOSTS) -> None:
        """Remember at most that many hosts, the last seen ones."""
        self._most = most
        self._hosts: OrderedDict[str, _Seen] = OrderedDict()

    def is_flux(self, host: str, at: datetime, addresses: Collection[str], networks: Collection[int]) -> bool:
        """Add one observation and say whether all of them together are those of a flux network."""
        seen = self._hosts.get(host)
        if seen is None or at - seen.since > _MEMORY:
            seen = self._hosts[host] = _Seen(at)
        self._hosts.move_to_end(host)
        if len(self._hosts) > self._most:
            self._hosts.popitem(last=False)
        if len(seen.addresses) < _MOST_SEEN:
            seen.addresses.update(addresses)
            seen.networks.update(networks)
        return len(seen.addresses) * _PER_ADDRESS + len(seen.networks) * _PER_NETWORK > _THRESHOLD
