"""Delegation: the country of the organisation that a registry gave the block to. WHOIS country is much the same."""

from collections.abc import Mapping
from typing import ClassVar

from router.hosting.sources.shipped import CountrySource
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis


class Delegation(CountrySource):
    """The five registries' statistics. They say where the holder is registered, not where the machine is."""

    name = "delegation"
    roles: ClassVar[Mapping[str, Role]] = {"delegation": Role((Part.REGISTRY,), Measured.YES)}
    reads = "delegation"
    basis = Basis.REGISTRATION
    detail = "registry delegation"
