"""Assignments: the country that the holder of a small block gives it, in a registry entry or a geofeed."""

from collections.abc import Mapping
from typing import ClassVar

from router.hosting.sources.shipped import CountrySource
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis


class Assignments(CountrySource):
    """IPFire Location. Where it differs from the delegation somebody wrote it down; else it knows nothing finer."""

    name = "assignments"
    roles: ClassVar[Mapping[str, Role]] = {"assignments": Role((Part.ASSIGNMENT,), Measured.YES)}
    reads = "assignments"
    basis = Basis.LOCATION
    detail = "IPFire Location"
