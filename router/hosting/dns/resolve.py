"""From a name to its public addresses: both families, the CNAME chain, and one outcome.

The outcomes differ in what follows: NXDOMAIN and NODATA are candidates for "the material is gone", SERVFAIL, LAME and
TIMEOUT only mean "ask again", FILTERED and STALE are not what the name's servers say now, LOOP and PRIVATE are
somebody's mistake or trick. So where the two families end differently, the one that says least decides: a host is never
called gone because one of two questions got no answer. And it is only proven to be gone when the name's own zone says
so to both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from socket import AF_INET6, inet_ntop
from typing import Final, NamedTuple, Protocol

from router.guard.addresses import is_public, spoken_to
from router.hosting.dns.answer import AAAA, A, Asker, DnsAnswer, Found
from router.hosting.dns.wire import is_plain
from schemas.trace import DnsOutcome, Ip, NameRecord

#: As dnspython and unbound have it; longer chains are loops in all but name.
LONGEST_CHAIN: Final = 16
#: Addresses kept of one host, public and private each. Real hosts have fewer; an answer with thousands is an attack on
#: whoever judges each.
MOST_ADDRESSES: Final = 64

_TYPES: Final = {A: "A", AAAA: "AAAA"}
_VERSIONS: Final = {A: 4, AAAA: 6}
#: Without an address, the earlier of the two outcomes in this list is the host's.
_LEAST_SAID: Final = (
    DnsOutcome.LOOP,
    DnsOutcome.FILTERED,
    DnsOutcome.SERVFAIL,
    DnsOutcome.LAME,
    DnsOutcome.TIMEOUT,
    DnsOutcome.STALE,
    DnsOutcome.NODATA,
    DnsOutcome.NXDOMAIN,
)
_NO_ANSWER: Final = frozenset({DnsOutcome.LOOP, DnsOutcome.SERVFAIL, DnsOutcome.LAME, DnsOutcome.TIMEOUT})


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Resolution:
    """What became of one name."""

    host: str
    outcome: DnsOutcome
    addresses: tuple[Ip, ...] = ()  #: public ones, in the order of the answers, A before AAAA
    private: tuple[Ip, ...] = ()  #: the others: private, local, reserved
    names: tuple[NameRecord, ...] = ()  #: every step, private addresses included and marked
    min_ttl: int | None = None  #: seconds; the shortest on the way, or how long an absence may be kept
    #: mixed_private, many_addresses, half_answered, half_filtered, stale_answer, vantages_differ
    notes: tuple[str, ...] = ()
    gone: bool = False  #: proven: the name's own zone says for both families that there is no address


class Resolver(Protocol):
    """Somebody who resolves names."""

    async def resolve(self, host: str) -> Resolution:
        """Resolve a canonical lower-case ASCII name; never raises, a failure is an outcome."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...


class _Walk(NamedTuple):
    """One family's way from the host to where it ended."""

    outcome: DnsOutcome
    end: str  #: the name the chain ended at
    chain: tuple[tuple[str, str, int], ...] = ()  #: owner, target, ttl
    found: tuple[Found, ...] = ()
    negative_ttl: int | None = None
    stale: bool = False


class ChainResolver:
    """Resolves through an `Asker`, following the chain itself where an answer stops short of its end."""

    def __init__(self, asker: Asker) -> None:
        """Take who is asked."""
        self._asker = asker

    async def resolve(self, host: str) -> Resolution:
        """Resolve one name."""
        first, second = await self._asker.ask_both(host)
        return _join(host, await self._follow(host, A, first), await self._follow(host, AAAA, second))

    async def aclose(self) -> None:
        """Close the asker."""
        await self._asker.aclose()

    async def _follow(self, host: str, kind: int, answer: DnsAnswer) -> _Walk:
        asked = name = host
        chain: list[tuple[str, str, int]] = []
        seen = {host}
        while True:
            while name in answer.aliases:
                target, ttl = answer.aliases[name]
                chain.append((name, target, ttl))
                if target in seen or len(chain) > LONGEST_CHAIN:
                    return _Walk(DnsOutcome.LOOP, name, tuple(chain))
                seen.add(target)
                name = target
            # An A record in an AAAA answer was not asked for: whoever put it there wants it to be taken for one.
            version = _VERSIONS[kind]
            found = tuple(one for one in answer.found if one.owner == name and one.address.version == version)
            if answer.outcome is DnsOutcome.FILTERED:
                return _Walk(answer.outcome, name, tuple(chain), found)
            if found:
                return _Walk(DnsOutcome.OK, name, tuple(chain), found, stale=answer.stale)
            if answer.outcome is not DnsOutcome.OK:
                return _Walk(answer.outcome, name, tuple(chain), negative_ttl=answer.negative_ttl)
            # A recursive server ends the chain and proves the absence with its SOA; an authoritative one stops where
            # its own zone ends, and the rest has to be asked for.
            if answer.negative_ttl is not None or name == asked:
                return _Walk(DnsOutcome.NODATA, name, tuple(chain), negative_ttl=answer.negative_ttl)
            if not is_plain(name):
                return _Walk(DnsOutcome.SERVFAIL, name, tuple(chain))
            asked = name
            answer = await self._asker.ask(name, kind)


def _join(host: str, v4: _Walk, v6: _Walk) -> Resolution:
    public: dict[Ip, None] = {}
    private: dict[Ip, None] = {}
    names = _records(v4, v6, public, private)
    return Resolution(
        host,
        _outcome(v4, v6, public, private),
        _first(public),
        _first(private),
        tuple(names),
        _shortest_ttl(v4, v6),
        tuple(_notes(v4, v6, public, private)),
        not public and not private and v4.negative_ttl is not None and v6.negative_ttl is not None,
    )


def _outcome(v4: _Walk, v6: _Walk, public: dict[Ip, None], private: dict[Ip, None]) -> DnsOutcome:
    if public:
        return DnsOutcome.OK
    # A filter that answers with 0.0.0.0 may say of one family only that it filters.
    if private and DnsOutcome.FILTERED not in (v4.outcome, v6.outcome):
        return DnsOutcome.PRIVATE
    ended = [walk.outcome for walk in (v4, v6) if walk.outcome is not DnsOutcome.OK]
    return min(ended, key=_LEAST_SAID.index)


def _notes(v4: _Walk, v6: _Walk, public: dict[Ip, None], private: dict[Ip, None]) -> Iterator[str]:
    if public and private:
        yield "mixed_private"
    if len(public) > MOST_ADDRESSES:
        yield "many_addresses"
    if not public and not private:
        return
    if v4.outcome in _NO_ANSWER or v6.outcome in _NO_ANSWER:
        yield "half_answered"
    if DnsOutcome.FILTERED in (v4.outcome, v6.outcome):
        yield "half_filtered"
    # An old "no" of one family, beside addresses of the other, is no more what the name's servers say now.
    if v4.stale or v6.stale or DnsOutcome.STALE in (v4.outcome, v6.outcome):
        yield "stale_answer"


def _records(v4: _Walk, v6: _Walk, public: dict[Ip, None], private: dict[Ip, None]) -> list[NameRecord]:
    """Return every step; put the addresses where they belong, in order and once each.

    An address that the resolver itself calls filtered is shown and belongs nowhere: it is the filter's, not the host's.
    """
    names: list[NameRecord] = []
    chain = v4.chain if v4.chain == v6.chain else dict.fromkeys(v4.chain + v6.chain)
    for owner, target, ttl in chain:
        names.append(NameRecord(name=owner, type="CNAME", target=target, ttl=ttl))
    for kind, walk in ((A, v4), (AAAA, v6)):
        filtered = walk.outcome is DnsOutcome.FILTERED
        if walk.outcome is not DnsOutcome.OK and not walk.found:
            names.append(NameRecord(name=walk.end, type=_TYPES[kind], outcome=walk.outcome))
        for owner, address, ttl in walk.found if len(walk.found) <= MOST_ADDRESSES else _cut(walk.found):
            outcome = DnsOutcome.OK if is_public(address) else DnsOutcome.PRIVATE
            if filtered:
                outcome = DnsOutcome.FILTERED
            else:
                (public if outcome is DnsOutcome.OK else private)[spoken_to(address)] = None
            # The system writes an IPv6 address ten times as fast as the standard library, and the same way (RFC 5952).
            target = str(address) if kind == A else inet_ntop(AF_INET6, address.packed)
            names.append(NameRecord(name=owner, type=_TYPES[kind], target=target, ttl=ttl, outcome=outcome))
    return names


def _cut(found: tuple[Found, ...]) -> list[Found]:
    """Return the first records with public and with private addresses: many of one sort hide none of the other.

    Of each sort one more than is kept, so that "there were more" is known without a record for each of thousands.
    """
    room, kept = {True: MOST_ADDRESSES + 1, False: MOST_ADDRESSES + 1}, []
    for record in found:
        public = is_public(record.address)
        if room[public]:
            room[public] -= 1
            kept.append(record)
    return kept


def _first(addresses: dict[Ip, None]) -> tuple[Ip, ...]:
    """Return the addresses that are kept, the first of each family: many of one hide none of the other."""
    if len(addresses) <= MOST_ADDRESSES:
        return tuple(addresses)
    v4, v6 = ([ip for ip in addresses if ip.version == version] for version in (4, 6))
    kept = v4[: MOST_ADDRESSES - min(len(v6), MOST_ADDRESSES // 2)]
    return (*kept, *v6[: MOST_ADDRESSES - len(kept)])


def _shortest_ttl(v4: _Walk, v6: _Walk) -> int | None:
    ttls = [ttl for walk in (v4, v6) for _, _, ttl in walk.chain + walk.found]
    if v4.found or v6.found:
        return min(ttls)
    ttls += [walk.negative_ttl for walk in (v4, v6) if walk.negative_ttl is not None]
    return min(ttls, default=None)
