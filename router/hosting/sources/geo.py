"""Geolocation: a vendor's estimate of where an address is used."""

from router.hosting.sources.shipped import CountrySource
from schemas.trace import Basis


class Geolocation(CountrySource):
    """DB-IP Country Lite. It repeats operators' own feeds, so it is no independent witness of a published range."""

    name = "geolocation"
    reads = "geolocation"
    basis = Basis.LOCATION
    detail = "IP Geolocation by DB-IP"
