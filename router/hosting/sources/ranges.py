"""Address lists that hosting operators publish of themselves, with the region of each range."""

from collections.abc import Sequence

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim
from schemas.trace import Basis, Evidence


class Ranges:
    """The operator says where its range is. A range without a region names the operator and no country."""

    name = "ranges"

    def __init__(self, data: DataSets) -> None:
        """Read the set `ranges`."""
        self._set = Shipped(data, "ranges", self.name)

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return the operator's own statement about `ip`, if it makes one. The detail is `operator, region`."""
        value, length = self._set.find(ip)
        if value is None:
            return ()
        region = value.get("region")
        detail = f"{value['operator']}, {region}" if region else value["operator"]
        return (self._set.evidence(ip, length, claim(Basis.LOCATION, value.get("country")), detail),)
