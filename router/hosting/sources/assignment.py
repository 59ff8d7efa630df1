"""Assignments: the country that the holder of a small block gives it, in a registry entry or a geofeed."""

from collections.abc import Sequence

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim
from schemas.trace import Basis, Evidence


class Assignments:
    """IPFire Location. Where it differs from the delegation somebody wrote it down; else it knows nothing finer."""

    name = "assignments"

    def __init__(self, data: DataSets) -> None:
        """Read the set `assignments`."""
        self._set = Shipped(data, "assignments", self.name)

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return the country that is claimed for `ip`, if any."""
        country, length = self._set.find(ip)
        if country is None:
            return ()
        return (self._set.evidence(ip, length, claim(Basis.LOCATION, country), "IPFire Location"),)
