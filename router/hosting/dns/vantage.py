"""Several resolvers side by side, for hosts that answer each region differently (GeoDNS, anycast).

Each vantage point is a resolver of its own, in another network or country; what any of them found counts.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from router.hosting.dns.resolve import MOST_ADDRESSES, Resolution, Resolver
from schemas.trace import DnsOutcome

#: Without an address anywhere, the first of these that any vantage point saw: what says least about absence.
_ORDER: Final = (
    DnsOutcome.OK,
    DnsOutcome.PRIVATE,
    DnsOutcome.LOOP,
    DnsOutcome.FILTERED,
    DnsOutcome.SERVFAIL,
    DnsOutcome.LAME,
    DnsOutcome.TIMEOUT,
    DnsOutcome.STALE,
    DnsOutcome.NODATA,
    DnsOutcome.NXDOMAIN,
)

_ABSENT: Final = (DnsOutcome.NODATA, DnsOutcome.NXDOMAIN)


class Vantages:
    """A `Resolver` that asks several and joins what they say."""

    def __init__(self, resolvers: Sequence[Resolver]) -> None:
        """Take the resolvers, the nearest first."""
        self._resolvers = tuple(resolvers)

    async def resolve(self, host: str) -> Resolution:
        """Resolve one name everywhere at the same time."""
        return join(await asyncio.gather(*(resolver.resolve(host) for resolver in self._resolvers)))

    async def aclose(self) -> None:
        """Close them all."""
        for resolver in self._resolvers:
            await resolver.aclose()


def join(seen: Sequence[Resolution]) -> Resolution:
    """Return the union of what was seen of one host from several places."""
    best = min(seen, key=lambda one: _ORDER.index(one.outcome))
    addresses = tuple(dict.fromkeys(ip for one in seen for ip in one.addresses))
    answered = [set(one.addresses) for one in seen if one.addresses]
    notes = dict.fromkeys(note for one in seen for note in one.notes)
    # Rotation gives overlapping answers; answers with nothing in common come from different places.
    if any(one.isdisjoint(other) for one in answered for other in answered):
        notes["vantages_differ"] = None
    if len(addresses) > MOST_ADDRESSES:
        notes["many_addresses"] = None
    ttls = [one.min_ttl for one in seen if one.min_ttl is not None]
    return replace(
        best,
        addresses=addresses[:MOST_ADDRESSES],
        private=tuple(dict.fromkeys(ip for one in seen for ip in one.private)),
        names=tuple(dict.fromkeys(record for one in seen for record in one.names)),
        min_ttl=min(ttls, default=None),
        notes=tuple(notes),
        # Nobody saw an address, and somebody has the zone's own word for it.
        gone=best.outcome in _ABSENT and any(one.gone for one in seen),
    )
