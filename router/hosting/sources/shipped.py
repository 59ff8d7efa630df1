"""Look an address up in one shipped set, and write down what it says and for which prefix."""

from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.trusted import trusted
from schemas.trace import Basis, Claim, Evidence

#: How many pieces of evidence a source keeps written. Reported hosts crowd in few networks, so most are met again.
_KEPT = 16384


class Shipped:
    """One embedded set, opened, as a source of evidence."""

    __slots__ = ("_get", "_written", "as_of", "source")

    def __init__(self, data: DataSets, name: str, source: str) -> None:
        """Use the set `name` of `data` for the source called `source`."""
        self._get = data.reader(name).get_with_prefix_len
        self._written: dict[tuple[int, int, int], Evidence] = {}
        self.as_of = data.as_of(name)  #: ISO date of the data
        self.source = source

    def find(self, ip: Ip) -> tuple[Any, int]:
        """Return what the set holds for `ip` (None when nothing) and the length of the prefix it holds it for."""
        return self._get(ip)

    def evidence(self, ip: Ip, length: int, claim: Claim, detail: str) -> Evidence:
        """Write down a claim about the network of `length` bits around `ip`: always the same one for one network."""
        version = ip.version
        network = int(ip) >> ((32 if version == 4 else 128) - length)
        key = (version, length, network)
        known = self._written.get(key)
        if known is None:
            known = self._write(prefix_text(version, network, length), claim, detail)
            if len(self._written) >= _KEPT:
                self._written.clear()
            self._written[key] = known
        return known

    def _write(self, prefix: str, claim: Claim, detail: str) -> Evidence:
        fields = {"source": self.source, "claim": claim, "as_of": self.as_of, "prefix": prefix, "detail": detail}
        return trusted(Evidence, fields)


def prefix_text(version: int, network: int, length: int) -> str:
    """Write a network that is given by its leading `length` bits."""
    if version == 6:
        return f"{IPv6Address(network << (128 - length))}/{length}"
    number = network << (32 - length)
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}/{length}"


@lru_cache(maxsize=1024)
def claim(basis: Basis, country: str | None) -> Claim:
    """Return the claim; there are only some hundred different ones, and each is immutable."""
    return Claim(basis=basis, country=country)
