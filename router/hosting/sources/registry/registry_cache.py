"""What registries said, kept by the network they said it of, and asked for once at a time.

A registry answers for a whole network, so one answer serves every address in it: up to a /20 (IPv6 /36) that is surely
meant. In a larger network somebody else may hold a smaller one that was not asked about, so there an answer only serves
the /24 (/48) of the address asked about.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, NamedTuple

from router.errors import EvidenceUnavailable
from router.hosting.sources.base import Ip
from router.hosting.sources.registry.registration import Network

#: Seconds: a country may move within a day, an abuse contact within a week, and nobody may register it within the hour.
_FRESH: Final = 86_400.0
_FRESH_ABSENCE: Final = 3_600.0
_STALE: Final = 7 * 86_400.0
#: Blocks (/24, /48) kept: some 5 MB.
_MOST: Final = 20_000
#: Bits that are not part of a block's number, and blocks in the largest network that is kept whole (2 ** 4, 2 ** 12).
_BLOCK_BITS: Final = {4: 8, 6: 80}
_WHOLE: Final = {4: 16, 6: 4096}
#: Blocks of one network that are entered at once; the others are entered when they are asked about.
_SPREAD: Final = 16


class Kept(NamedTuple):
    """One answer; `network` is None when the registry knows nobody."""

    network: Network | None
    until: float  #: fresh until then (seconds)
    as_of: str  #: ISO date of the answer


class Memory:
    """Answers by network, and the questions that are on their way."""

    def __init__(self) -> None:
        """Start without answers."""
        self._blocks: OrderedDict[tuple[int, int], list[Kept]] = OrderedDict()
        self._asking: dict[tuple[int, int], asyncio.Future[Kept]] = {}

    def fresh(self, ip: Ip, now: float) -> Kept | None:
        """Return an answer for `ip` that needs no renewal."""
        kept = self._find(ip)
        return kept if kept is not None and now < kept.until else None

    def stale(self, ip: Ip, now: float) -> Kept | None:
        """Return an answer for `ip` that is better than none."""
        kept = self._find(ip)
        return kept if kept is not None and now < kept.until + _STALE else None

    def keep(self, ip: Ip, network: Network | None, at: datetime) -> Kept:
        """Keep what was said of `ip` now."""
        seconds = _FRESH if network is not None else _FRESH_ABSENCE
        kept = Kept(network, at.timestamp() + seconds, at.date().isoformat())
        for key in _keys(ip, network):
            others = [one for one in self._blocks.get(key, ()) if one.network != network and one.network is not None]
            self._blocks[key] = [*others, kept]
            self._blocks.move_to_end(key)
        while len(self._blocks) > _MOST:
            self._blocks.popitem(last=False)
        return kept

    async def once(self, ip: Ip, learn: Callable[[], Awaitable[Kept]]) -> Kept:
        """Return what `learn` learns; whoever asks about the same block meanwhile waits for the same answer.

        Raises `EvidenceUnavailable`, as `learn` does.
        """
        key = _key(ip)
        while (asking := self._asking.get(key)) is not None:
            await asyncio.wait([asking])
            if asking.cancelled():
                continue  # who asked went away: the next one asks
            kept = asking.result() if asking.exception() is None else None
            if kept is None:
                raise EvidenceUnavailable("The registry did not answer; try again later.")
            if kept.network is None or ip in kept.network:
                return kept
        return await self._lead(key, learn)

    async def _lead(self, key: tuple[int, int], learn: Callable[[], Awaitable[Kept]]) -> Kept:
        asking = self._asking[key] = asyncio.get_running_loop().create_future()
        try:
            kept = await learn()
        except EvidenceUnavailable as error:
            asking.set_exception(error)
            asking.exception()  # seen, even when nobody waits
            raise
        except BaseException:
            asking.cancel()
            raise
        else:
            asking.set_result(kept)
            return kept
        finally:
            del self._asking[key]

    def _find(self, ip: Ip) -> Kept | None:
        """Return the answer for the smallest network around `ip`, or the one that says there is none."""
        kept = self._blocks.get(_key(ip), ())
        around = [one for one in kept if one.network is None or ip in one.network]
        return min(around, key=_size, default=None)


def _size(kept: Kept) -> float:
    return float("inf") if kept.network is None else kept.network.last - kept.network.first


def _key(ip: Ip) -> tuple[int, int]:
    return ip.version, int(ip) >> _BLOCK_BITS[ip.version]


def _keys(ip: Ip, network: Network | None) -> list[tuple[int, int]]:
    """Return the blocks that an answer serves."""
    version, own = _key(ip)
    if network is None:
        return [(version, own)]
    first, last = network.first >> _BLOCK_BITS[version], network.last >> _BLOCK_BITS[version]
    if last - first >= _WHOLE[version]:
        return [(version, own)]
    near = range(max(first, own - _SPREAD), min(last, own + _SPREAD) + 1)
    return [(version, block) for block in near]
