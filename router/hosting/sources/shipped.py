"""Look an address up in one shipped set, and write down the prefix that answered."""

from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any

from router.data import DataSets
from router.hosting.sources.base import Ip
from schemas.trace import Basis, Claim


class Shipped:
    """One embedded set, opened."""

    __slots__ = ("_get", "as_of")

    def __init__(self, data: DataSets, name: str) -> None:
        """Use the set `name` of `data`."""
        self._get = data.reader(name).get_with_prefix_len
        self.as_of = data.as_of(name)  #: ISO date of the data

    def find(self, ip: Ip) -> tuple[Any, int]:
        """Return what the set holds for `ip` (None when nothing) and the length of the prefix it holds it for."""
        return self._get(ip)


def prefix_text(ip: Ip, length: int) -> str:
    """Write the network of `length` bits around `ip`."""
    number = int(ip)
    if ip.version == 6:
        return _v6_text(number >> (128 - length) << (128 - length), length)
    number = number >> (32 - length) << (32 - length)
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}/{length}"


@lru_cache(maxsize=8192)
def _v6_text(network: int, length: int) -> str:
    """IPv6 text is the costly part of a look-up, and neighbours share their networks."""
    return f"{IPv6Address(network)}/{length}"


@lru_cache(maxsize=1024)
def claim(basis: Basis, country: str | None) -> Claim:
    """Return the claim; there are only some hundred different ones, and each is immutable."""
    return Claim(basis=basis, country=country)
