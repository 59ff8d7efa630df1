"""Address lists that hosting operators publish of themselves, with the region of each range."""

from collections.abc import Mapping
from typing import ClassVar

from router.hosting.sources.shipped import Asked, Found, ShippedSource, claim
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis


class Ranges(ShippedSource):
    """The operator says where its range is. A range without a region names the operator and no country."""

    name = "ranges"
    roles: ClassVar[Mapping[str, Role]] = {"ranges": Role((Part.RANGE,), Measured.YES)}
    reads = "ranges"

    def look(self, asked: Asked) -> Found:
        """Return the operator's own statement, if it makes one. The detail is `operator, region`."""
        value, length = self.find(asked)
        if value is None:
            return (), length
        region = value.get("region")
        detail = f"{value['operator']}, {region}" if region else value["operator"]
        said, as_of = claim(Basis.LOCATION, value.get("country")), self.dates.get(value["operator"])
        return (self.write(asked, length, said, detail, as_of),), length
