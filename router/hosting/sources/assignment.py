"""Assignments: the country that the holder of a small block gives it, in a registry entry or a geofeed."""

from router.hosting.sources.shipped import CountrySource
from schemas.trace import Basis


class Assignments(CountrySource):
    """IPFire Location. Where it differs from the delegation somebody wrote it down; else it knows nothing finer."""

    name = "assignments"
    reads = "assignments"
    basis = Basis.LOCATION
    detail = "IPFire Location"
