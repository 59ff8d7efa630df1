"""Geolocation: a vendor's estimate of where an address is used."""

from collections.abc import Mapping
from typing import ClassVar

from router.hosting.sources.shipped import CountrySource
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis


class Geolocation(CountrySource):
    """DB-IP Country Lite. It repeats operators' own feeds, so it is no independent witness of a published range."""

    name = "geolocation"
    roles: ClassVar[Mapping[str, Role]] = {"geolocation": Role((Part.GEOLOCATION,), Measured.YES)}
    reads = "geolocation"
    basis = Basis.LOCATION
    detail = "IP Geolocation by DB-IP"
