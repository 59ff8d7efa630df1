"""Delegation: the country of the organisation that a registry gave the block to. WHOIS country is much the same."""

from collections.abc import Sequence

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim
from schemas.trace import Basis, Evidence


class Delegation:
    """The five registries' statistics. They say where the holder is registered, not where the machine is."""

    name = "delegation"

    def __init__(self, data: DataSets) -> None:
        """Read the set `delegation`."""
        self._set = Shipped(data, "delegation", self.name)

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return the country that is claimed for `ip`, if any."""
        country, length = self._set.find(ip)
        if country is None:
            return ()
        return (self._set.evidence(ip, length, claim(Basis.REGISTRATION, country), "registry delegation"),)
