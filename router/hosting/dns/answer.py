"""What one DNS question brought, in the form all of this folder shares."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from schemas.trace import DnsOutcome, Ip

#: Record types (IANA DNS parameters).
A: Final = 1
CNAME: Final = 5
SOA: Final = 6
AAAA: Final = 28

#: A server to ask: IP address and port.
Server = tuple[str, int]


class Found(NamedTuple):
    """One address record."""

    owner: str  #: lower-case name without the root's dot
    address: Ip
    ttl: int  #: seconds


class Answer(NamedTuple):
    """One answer; `ok` without addresses and aliases is "no such data".

    A tuple, not a model: one is made for each packet, twelve thousand hosts a second.
    """

    outcome: DnsOutcome  #: OK, NXDOMAIN, SERVFAIL or TIMEOUT; the other three follow from the whole chain
    aliases: Mapping[str, tuple[str, int]] = MappingProxyType({})  #: owner -> (target, ttl)
    found: tuple[Found, ...] = ()
    negative_ttl: int | None = None  #: seconds an absence may be kept (RFC 2308); None when no SOA said so


class Asker(Protocol):
    """Somebody who can be asked one DNS question."""

    async def ask(self, name: str, kind: int) -> Answer:
        """Ask for the records of `kind` (A or AAAA) of `name`; never raises, a failure is an outcome."""
        ...

    async def ask_both(self, name: str) -> tuple[Answer, Answer]:
        """Ask for A and AAAA at the same time."""
        ...

    async def aclose(self) -> None:
        """Close what is open; what is still being asked ends as a timeout."""
        ...
