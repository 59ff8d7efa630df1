"""What one DNS question brought, in the form all of this folder shares, and what may be concluded from it.

A reply is read twice in this folder: at speed (`wire.py`) and by dnspython (`plain.py`). Both say what stands in it
(`Said`); what follows from that stands here, once.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from schemas.trace import DnsOutcome, Ip

#: Record types (IANA DNS parameters).
A: Final = 1
NS: Final = 2
CNAME: Final = 5
SOA: Final = 6
AAAA: Final = 28
DNAME: Final = 39
OPT: Final = 41

#: Response codes that say something of the name (RFC 1035 section 4.1.1); every other one is a failure. They have
#: twelve bits, of which eight stand in OPT (RFC 6891 section 6.1.3): by the header alone, BADVERS (16) is "no error".
NOERROR: Final = 0
NXDOMAIN: Final = 3

#: Extended DNS errors (RFC 8914) by which a resolver says that this is not what the name's own servers say:
#: Forged Answer, Blocked, Censored, Filtered, Prohibited.
FILTERING: Final = frozenset({4, 15, 16, 17, 18})
#: Stale Answer, Stale NXDOMAIN Answer: from before the name's own servers fell silent.
STALE: Final = frozenset({3, 19})

#: A server to ask: IP address and port.
Server = tuple[str, int]


class Found(NamedTuple):
    """One address record."""

    owner: str  #: lower-case name without the root's dot
    address: Ip
    ttl: int  #: seconds


class Said(NamedTuple):
    """What stands in one reply, before anything is concluded from it. Names as in `Found.owner`."""

    code: int  #: the full response code, twelve bits
    authoritative: bool  #: AA
    recursive: bool  #: RA
    aliases: Mapping[str, tuple[str, int]]  #: owner -> (target, ttl)
    found: tuple[Found, ...]
    subtrees: tuple[str, ...] = ()  #: owners of DNAME records: names below them live elsewhere
    zone: tuple[str, int] | None = None  #: the SOA of the authority section: its owner and how long an absence is kept
    refers: bool = False  #: the authority section names other servers
    errors: frozenset[int] = frozenset()  #: extended DNS errors


class DnsAnswer(NamedTuple):
    """One answer; `ok` without addresses and aliases is "no such data".

    A tuple, not a model: one is made for each packet, twelve thousand hosts a second.
    """

    outcome: DnsOutcome  #: any but LOOP, NODATA and PRIVATE, which follow from the whole chain
    aliases: Mapping[str, tuple[str, int]] = MappingProxyType({})  #: owner -> (target, ttl)
    found: tuple[Found, ...] = ()
    #: Seconds an absence may be kept (RFC 2308). None when no SOA at or above the name said so: then it proves nothing.
    negative_ttl: int | None = None
    stale: bool = False  #: the addresses are from before the name's own servers fell silent


#: What says something of the name. After anything else, another server may say it.
ANSWERED: Final = (DnsOutcome.OK, DnsOutcome.NXDOMAIN)
#: The rest; the later in the list, the more it tells people of why.
_UNANSWERED: Final = (
    DnsOutcome.TIMEOUT,
    DnsOutcome.SERVFAIL,
    DnsOutcome.LAME,
    DnsOutcome.STALE,
    DnsOutcome.FILTERED,
)


def more_telling(one: DnsAnswer, other: DnsAnswer) -> DnsAnswer:
    """Return the one of two answers without an answer that tells people more of why."""
    return max(one, other, key=lambda answer: _UNANSWERED.index(answer.outcome))


def concluded(name: str, said: Said) -> DnsAnswer:
    """Return what a reply to a question for `name` means.

    It is about the name that the reply's own aliases end at. An absence is only proven by the zone of that name: its
    SOA has to stand in the reply, at or above the name (RFC 2308 sections 2 and 5). Filters answer without one, or with
    that of their list.
    """
    end = _end(name, said.aliases) if said.aliases else name
    here = bool(said.found) and any(one.owner == end for one in said.found)
    negative = None
    if not here and said.zone is not None and is_at_or_above(said.zone[0], end):
        negative = said.zone[1]
    failed = _failure(said, end, leads_on=end != name, proven=negative is not None, here=here)
    if failed is not None:
        return DnsAnswer(failed, said.aliases, said.found if failed is DnsOutcome.FILTERED else ())
    outcome = DnsOutcome.NXDOMAIN if said.code == NXDOMAIN else DnsOutcome.OK
    return DnsAnswer(outcome, said.aliases, said.found, negative, bool(said.errors & STALE))


def _failure(said: Said, end: str, *, leads_on: bool, proven: bool, here: bool) -> DnsOutcome | None:
    """Return why the reply says nothing of the name at its end; None when it does. `here`: it has an address of it."""
    if proven and not said.errors and not said.subtrees and said.code in (NOERROR, NXDOMAIN):
        return None  # every good "no", which half of all answers are
    if said.errors & FILTERING:
        return DnsOutcome.FILTERED
    if said.errors & STALE and not (here and said.code == NOERROR):
        return DnsOutcome.STALE  # also under SERVFAIL: whoever says that it is old says nothing of now
    if said.code not in (NOERROR, NXDOMAIN):
        return DnsOutcome.SERVFAIL
    if here:
        # "There is no such name", and an address of it: whoever says both says nothing of the name.
        return None if said.code == NOERROR else DnsOutcome.SERVFAIL
    return DnsOutcome.LAME if _is_lame(said, end, answered=proven or leads_on) else None


def _is_lame(said: Said, end: str, *, answered: bool) -> bool:
    # A server that moves a subtree has to say where this very name went (RFC 6672 section 3.1).
    if any(owner != end and is_at_or_above(owner, end) for owner in said.subtrees):
        return True
    if answered or said.code == NXDOMAIN or said.authoritative:
        return False
    # It points to other servers (RFC 2308 section 2.2), or is neither the zone's own nor one that asks on.
    return said.refers or not said.recursive


def is_at_or_above(owner: str, name: str) -> bool:
    """Say whether `owner` is `name` or one of the names it lies below; the root, "", is above every name."""
    return owner == name or not owner or name.endswith(f".{owner}")


def _end(name: str, aliases: Mapping[str, tuple[str, int]]) -> str:
    """Return where the aliases lead; within a circle, whichever name."""
    for _ in aliases:
        if name not in aliases:
            break
        name = aliases[name][0]
    return name


class Asker(Protocol):
    """Somebody who can be asked one DNS question."""

    async def ask(self, name: str, kind: int) -> DnsAnswer:
        """Ask for the records of `kind` (A or AAAA) of `name`; never raises, a failure is an outcome."""
        ...

    async def ask_both(self, name: str) -> tuple[DnsAnswer, DnsAnswer]:
        """Ask for A and AAAA at the same time."""
        ...

    async def aclose(self) -> None:
        """Close what is open; what is still being asked ends as a timeout."""
        ...
