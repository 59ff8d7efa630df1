"""What an evidence source is: given an address, it says what it claims of it. It never weighs, and never guesses.

Two kinds. A `Source` reads data that ship with the router (or an operator's own database): no one outside learns which
host is looked at. An `OnlineSource` asks somebody, so it is called only as the policy allows, and it is told what is
known so far so that it can leave out what would teach nothing.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol, TypeAlias

from router.hosting.verdict.part import Role
from schemas.trace import Evidence

Ip: TypeAlias = IPv4Address | IPv6Address


class Source(Protocol):
    """Embedded data about addresses."""

    @property
    def name(self) -> str:
        """The source's short name: the `source` field of its evidence."""
        ...

    @property
    def roles(self) -> Mapping[str, Role]:
        """The part that its evidence plays in the verdict, by the name under which it speaks."""
        ...

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return what this source claims of `ip`; empty when it has nothing to say. Does no I/O and never raises."""
        ...


class OnlineSource(Protocol):
    """Somebody outside who is asked about an address."""

    @property
    def name(self) -> str:
        """The source's short name: the `source` field of its evidence."""
        ...

    @property
    def roles(self) -> Mapping[str, Role]:
        """The part that its evidence plays in the verdict, by each name under which it speaks."""
        ...

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:
        """Return what is claimed of `ip`, given the evidence `so_far`; empty when nothing is known.

        Raises `EvidenceUnavailable` when the source did not answer in time.
        """
        ...
