"""Ask outside sources about the addresses that are in doubt, as far as the policy's mode lets us.

Every question tells somebody which address is looked at. So nobody is asked about an edge, about more than a few
addresses of one host, or about an address that the embedded data already settle, unless the mode is `always`.
"""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final, NamedTuple

from router.errors import EvidenceUnavailable
from router.hosting.sources.base import OnlineSource
from schemas.trace import Address, Evidence, Ip, OnlineMode

#: Below this measured confidence an address is in doubt; the default policy hands such cases to people.
DOUBTFUL_BELOW: Final = 0.90
#: Addresses of one host that anybody outside is asked about. More would tell more and teach little.
MOST_ASKED: Final = 8


class Asked(NamedTuple):
    """What outside sources said of one address."""

    evidence: tuple[Evidence, ...]
    silent: bool  #: at least one did not answer


class Outside:
    """The online sources, in the order in which they are asked."""

    def __init__(self, sources: Sequence[OnlineSource], *, doubtful_below: float = DOUBTFUL_BELOW) -> None:
        """Take the sources, and the confidence below which an address is in doubt."""
        self._sources = tuple(sources)
        self._doubtful_below = doubtful_below

    async def ask(self, judged: Sequence[Address], mode: OnlineMode) -> dict[Ip, Asked]:
        """Return what was said, for each address that was asked about."""
        if mode is OnlineMode.NEVER or not self._sources:
            return {}
        wanted = [address for address in judged if mode is OnlineMode.ALWAYS or self._is_doubtful(address)][:MOST_ASKED]
        answers = await asyncio.gather(*(self._ask_about(address) for address in wanted))
        return {ip_address(address.ip): answer for address, answer in zip(wanted, answers, strict=True)}

    def _is_doubtful(self, address: Address) -> bool:
        # Nobody outside can say more of an edge: what is behind it is in no registry.
        return not address.edge and (address.country is None or address.confidence < self._doubtful_below)

    async def _ask_about(self, address: Address) -> Asked:
        ip = ip_address(address.ip)
        found: list[Evidence] = []
        silent = False
        # In turn: a later source builds on an earlier one's answer, as a geofeed on the registry's link to it.
        for source in self._sources:
            try:
                found += await source.claims(ip, (*address.evidence, *found))
            except EvidenceUnavailable:
                silent = True
        return Asked(tuple(found), silent)
