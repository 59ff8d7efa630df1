"""Delegation: the country of the organisation that a registry gave the block to. WHOIS country is much the same."""

from router.hosting.sources.shipped import CountrySource
from schemas.trace import Basis


class Delegation(CountrySource):
    """The five registries' statistics. They say where the holder is registered, not where the machine is."""

    name = "delegation"
    reads = "delegation"
    basis = Basis.REGISTRATION
    detail = "registry delegation"
