"""Look an address up in what ships, and write down what it says, for which prefix, and how far that reaches."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, TypeAlias

from router.data import DataSets
from router.hosting.judgement import IpParts, Statement
from router.hosting.sources.base import Ip
from router.hosting.verdict.part import Role
from schemas.trace import Basis, Claim, Evidence

#: What a source says of an address, and the length of the prefix in which it says the same of every address.
Found: TypeAlias = tuple[Statement | None, int]


class LocalSource(ABC):
    """A source of evidence that asks nobody: a shipped set, or a table of our own."""

    #: The source's short name.
    name: str
    #: The part that its evidence plays in the verdict.
    roles: ClassVar[Mapping[str, Role]]

    def __init__(self, as_of: str) -> None:
        """Take the ISO date of the data."""
        self.as_of = as_of
        self._stated: dict[tuple[Basis, str | None, str], Statement] = {}

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return what is claimed of `ip`."""
        asked = IpParts(ip.packed)
        said, length = self.found(asked)
        return () if said is None else (said.of(asked.prefix(length)),)

    def found(self, asked: IpParts) -> Found:
        """Return the claim, by prefix or else by network, if there is one, and how far that reaches."""
        said, length = self.look(asked)
        if said is not None:
            return said, length
        said, reach = self.of_network(asked)
        return said, max(length, reach)

    @abstractmethod
    def look(self, asked: IpParts) -> Found:
        """Return what is said by prefix, if anything, and how far that reaches."""

    def of_network(self, asked: IpParts) -> Found:  # noqa: ARG002 - for those that know whole networks
        """Return what is said of the whole network that announces an address, and how far that reaches."""
        return None, 0

    def state(self, basis: Basis, country: str | None, detail: str, as_of: str | None = None) -> Statement:
        """Return the statement. `as_of`, its date where that is not the whole source's, follows from `detail`."""
        key = (basis, country, detail)
        known = self._stated.get(key)
        if known is None:
            known = Statement(self.name, claim(basis, country), as_of or self.as_of, detail)
            self._stated[key] = known
        return known


class ShippedSource(LocalSource):
    """A source of evidence that reads one shipped set."""

    #: The set it reads.
    reads: str

    def __init__(self, data: DataSets) -> None:
        """Read the set that the class names."""
        super().__init__(data.as_of(self.reads))
        self.dates = data.infos[self.reads].lists  #: operator -> ISO date, where a refresh renewed them one by one
        #: What the set holds (None when nothing), and the length of the prefix that it holds it for. An attribute and
        #: no method, as each new address of a bulk run passes here seven times.
        self.find: Callable[[IpParts], tuple[Any, int]]
        self.find = data.reader(self.reads).get_with_prefix_len  # type: ignore[assignment] # it takes what has `packed`


class CountrySource(ShippedSource):
    """A source whose set holds nothing but a country."""

    #: What its country means.
    basis: Basis
    #: Its words for the analyst.
    detail: str

    def __init__(self, data: DataSets) -> None:
        """Read the set that the class names."""
        super().__init__(data)
        self._of_country: dict[str, Statement] = {}

    def look(self, asked: IpParts) -> Found:
        """Return the country that is claimed, if any."""
        country, length = self.find(asked)
        if country is None:
            return None, length
        said = self._of_country.get(country)
        if said is None:
            said = self._of_country[country] = self.state(self.basis, country, self.detail)
        return said, length


@lru_cache(maxsize=1024)
def claim(basis: Basis, country: str | None) -> Claim:
    """Return the claim; there are only some hundred different ones, and each is immutable."""
    return Claim(basis=basis, country=country)
