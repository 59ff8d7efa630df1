"""Geolocation: a vendor's estimate of where an address is used."""

from collections.abc import Sequence

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim
from schemas.trace import Basis, Evidence


class Geolocation:
    """DB-IP Country Lite. It repeats operators' own feeds, so it is no independent witness of a published range."""

    name = "geolocation"

    def __init__(self, data: DataSets) -> None:
        """Read the set `geolocation`."""
        self._set = Shipped(data, "geolocation", self.name)

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return the country that is claimed for `ip`, if any."""
        country, length = self._set.find(ip)
        if country is None:
            return ()
        return (self._set.evidence(ip, length, claim(Basis.LOCATION, country), "IP Geolocation by DB-IP"),)
