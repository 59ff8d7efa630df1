"""Assignments: the country that the holder of a small block gives it, in a registry entry or a geofeed."""

from collections.abc import Sequence

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim, prefix_text
from schemas.trace import Basis, Evidence


class Assignments:
    """IPFire Location. Where it says the same as the delegation it knows nothing finer; where it differs, somebody wrote it down."""

    name = "assignments"

    def __init__(self, data: DataSets) -> None:
        """Read the set `assignments`."""
        self._set = Shipped(data, "assignments")

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return the country that is claimed for `ip`, if any."""
        country, length = self._set.find(ip)
        if country is None:
            return ()
        return (
            Evidence(
                source=self.name,
                claim=claim(Basis.LOCATION, country),
                as_of=self._set.as_of,
                prefix=prefix_text(ip, length),
                detail="IPFire Location",
            ),
        )
