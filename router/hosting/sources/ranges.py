"""Address lists that hosting operators publish of themselves, with the region of each range."""

from collections.abc import Sequence

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim, prefix_text
from schemas.trace import Basis, Evidence


class Ranges:
    """The operator says where its range is. A range without a region names the operator and no country."""

    name = "ranges"

    def __init__(self, data: DataSets) -> None:
        """Read the set `ranges`."""
        self._set = Shipped(data, "ranges")

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return the operator's own statement about `ip`, if it makes one. The detail is `operator, region`."""
        value, length = self._set.find(ip)
        if value is None:
            return ()
        region = value.get("region")
        return (
            Evidence(
                source=self.name,
                claim=claim(Basis.LOCATION, value.get("country")),
                as_of=self._set.as_of,
                prefix=prefix_text(ip, length),
                detail=f"{value['operator']}, {region}" if region else value["operator"],
            ),
        )
