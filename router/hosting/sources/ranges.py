"""Address lists that hosting operators publish of themselves, with the region of each range."""

from collections.abc import Mapping
from typing import ClassVar

from router.hosting.judgement import IpParts
from router.hosting.sources.shipped import Found, ShippedSource
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis


class Ranges(ShippedSource):
    """The operator says where its range is. A range without a region names the operator and no country."""

    name = "ranges"
    roles: ClassVar[Mapping[str, Role]] = {"ranges": Role((Part.RANGE,), Measured.YES)}
    reads = "ranges"

    def look(self, asked: IpParts) -> Found:
        """Return the operator's own statement, if it makes one. The detail is `operator, region`."""
        value, length = self.find(asked)
        if value is None:
            return None, length
        region = value.get("region")
        detail = f"{value['operator']}, {region}" if region else value["operator"]
        return self.state(Basis.LOCATION, value.get("country"), detail, self.dates.get(value["operator"])), length
