"""Ask all embedded sources about an address, and fuse what they say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import count
from typing import NamedTuple, Self, TypeAlias, TypeVar

from router.data import DataSets
from router.data.tables import Anycast, Cdn, load_anycast, load_backbones, load_cdn
from router.hosting.judgement import Answer, IpParts, Judgement, Statement
from router.hosting.sources.anycast import AnycastAddresses
from router.hosting.sources.asn import Network, Networks
from router.hosting.sources.assignment import Assignments
from router.hosting.sources.base import Ip, Source
from router.hosting.sources.bogon import Bogon
from router.hosting.sources.cdn import Edges
from router.hosting.sources.delegation import Delegation
from router.hosting.sources.geo import Geolocation
from router.hosting.sources.ranges import Ranges
from router.hosting.sources.shipped import Found, LocalSource
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.fuse import fuse_address, verdict
from router.hosting.verdict.network_kind import NOTHING, Signals
from router.hosting.verdict.part import check
from router.hosting.verdict.second import Second
from schemas.trace import Address, Evidence, HostingBasis


@dataclass(frozen=True, slots=True)
class Material:
    """What sources are built from."""

    data: DataSets
    networks: Networks
    cdn: Cdn
    anycast: Anycast


#: Source name -> how it is built. The order is the order of evidence in a trace.
SOURCES: Mapping[str, Callable[[Material], LocalSource]] = {
    Bogon.name: lambda given: Bogon(given.data),
    Edges.name: lambda given: Edges(given.data, given.networks, given.cdn),
    AnycastAddresses.name: lambda given: AnycastAddresses(given.networks, given.anycast),
    Ranges.name: lambda given: Ranges(given.data),
    Geolocation.name: lambda given: Geolocation(given.data),
    Assignments.name: lambda given: Assignments(given.data),
    Delegation.name: lambda given: Delegation(given.data),
    Networks.name: lambda given: given.networks,
}

#: How many narrow blocks are kept; some 1 kB each. One is kept when it is met again: of addresses that crowd nowhere
#: few are, and a megabyte a thousand would be written for nothing.
_BLOCKS_KEPT = 32768
#: How many wide ones: all of IPv4, where two in three addresses that crowd nowhere lie in one that is judged once.
_WIDE_KEPT = 65536
#: How many answers are kept, some 1 kB each: 300,000 addresses that crowd nowhere have 8,000 different ones.
_ANSWERS_KEPT = 32768
#: How a source is asked.
Look: TypeAlias = Callable[[IpParts], Found]
#: What a source does in a wide block: it is asked about each address, or says this of all, by a prefix so long.
_Part: TypeAlias = tuple[Look, None, int] | tuple[None, tuple[Statement, str], int]
#: What makes answers alike.
_Shape: TypeAlias = tuple[object, ...]
_Said: TypeAlias = tuple[tuple[Statement, str], ...]
_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


@dataclass(slots=True)
class _Blocks:
    """Judgements of one IP version that hold for whole blocks, by the blocks' leading bits.

    Hosts crowd in few narrow ones; of addresses that crowd nowhere one in three lies in a wide one in which all is said
    alike.
    """

    wide_bits: int
    narrow_bits: int
    wide: dict[int, Judgement] = field(default_factory=dict)
    narrow: dict[int, Judgement] = field(default_factory=dict)
    #: what is said by the same prefixes in several wide blocks (three of four say what another one says)
    alike: dict[_Said, Judgement] = field(default_factory=dict)
    met: dict[int, None] = field(default_factory=dict)  #: narrow ones that were met once
    #: what the sources do in a wide block in which not all is said alike; who is silent in all of it does nothing
    parts: dict[int, tuple[_Part, ...]] = field(default_factory=dict)


class _Around(NamedTuple):
    """What is known of the network around an address."""

    signals: Signals
    kind: int  #: a number for that of it which does not name it
    named: bool  #: a source speaks of all of this network, whatever the prefix


class EmbeddedSources:
    """All embedded sources behind one door: no I/O, safe to share between tasks and threads."""

    def __init__(
        self,
        material: Material,
        calibration: Calibration,
        backbones: frozenset[int],
        extra: Sequence[Source] = (),
        second: Second | None = None,
    ) -> None:
        """Build every source of the table; `extra` are an operator's own (a MaxMind database), `second` its measure.

        Raise CannotStart for one that does not declare its part in the verdict.
        """
        self.calibration = calibration
        self._second = second
        self._networks = material.networks
        self._backbones = backbones
        shipped = [make(material) for make in SOURCES.values()]
        check((*shipped, *extra))
        self._sources = tuple(source for source in shipped if source is not material.networks)  # which speaks last
        self._all: tuple[_Part, ...] = tuple((source.found, None, 0) for source in self._sources)
        self._extra = tuple(extra)
        self._around_network: dict[Network, _Around] = {}
        self._kept = {4: _Blocks(16, 24), 6: _Blocks(32, 48)}
        self._answers: dict[_Shape, Answer] = {}
        self._order: dict[tuple[int, ...], int] = {}
        self._numbers: dict[_Shape, int] = {}  # some thousand kinds of network, some dozen orders of prefixes
        self._count = count()  # no two threads are given the same number

    def held(self) -> AbstractContextManager[Self]:
        """Return itself: these sources stay as they are for as long as they are open."""
        return nullcontext(self)

    def evidence(self, ip: Ip) -> tuple[Evidence, ...]:
        """Return what every embedded source claims of `ip`."""
        asked = IpParts(ip.packed)
        sources = (*self._sources, self._networks)
        found = [(said, length) for said, length in (one.found(asked) for one in sources) if said is not None]
        return (*(said.of(asked.prefix(length)) for said, length in found), *self._own(ip))

    def signals(self, ip: Ip) -> Signals:
        """Return what is known of the network around `ip`."""
        asked = IpParts(ip.packed)
        return self._around(asked, self._networks.announced(asked)[0]).signals

    def address(self, ip: Ip, also: Sequence[Evidence] = (), basis: HostingBasis = "location") -> Address:
        """Return the fused answer for `ip`. `also` is evidence from elsewhere: online sources, a peer."""
        if not also and basis == "location" and (judged := self.judged(IpParts(ip.packed))) is not None:
            return judged.address(ip)
        evidence = (*self.evidence(ip), *also)
        signals, second = self.signals(ip), self._second
        return fuse_address(ip, evidence, signals, calibration=self.calibration, basis=basis, second=second)

    def judged(self, asked: IpParts) -> Judgement | None:
        """Return what the shipped data say of an address; None where an operator's own database has a say, too."""
        if self._extra:
            return None
        kept, number, bits = self._kept[asked.version], asked.number, asked.bits
        around, block = number >> (bits - kept.wide_bits), number >> (bits - kept.narrow_bits)
        known = kept.wide.get(around) or kept.narrow.get(block)
        if known is None:
            known = self._judge(asked, kept, around)
            if known.reach <= kept.wide_bits:
                known = kept.alike.get(known.said) or _keep(kept.alike, known.said, known, _WIDE_KEPT)
                _keep(kept.wide, around, known, _WIDE_KEPT)
            elif known.reach <= kept.narrow_bits:
                if block in kept.met:
                    _keep(kept.narrow, block, known, _BLOCKS_KEPT)
                else:
                    _keep(kept.met, block, None, _BLOCKS_KEPT)
        return known

    def _judge(self, asked: IpParts, kept: _Blocks, around: int) -> Judgement:
        """Ask every source that ships; what is said alike of many networks is judged once.

        The rule (`verdict/pattern.py`) sees who says what, which of two prefixes is wider, and what kind of network is
        around. Where all that is the same so is the answer.
        """
        network, reach = self._networks.announced(asked)
        near = _NOBODY if network is None else self._around(asked, network)
        parts = self._all if near.named else kept.parts.get(around) or self._divided(asked, kept, around, reach)
        said: list[tuple[Statement, str]] = []
        shape: list[object] = []
        lengths: list[int] = []
        prefixes: dict[int, str] = {}
        farthest = reach
        for part in parts:
            if part[0] is None:
                _, pair, length = part
            else:
                statement, length = part[0](asked)
                farthest = max(farthest, length)
                if statement is None:
                    continue
                prefix = prefixes.get(length)
                if prefix is None:
                    prefix = prefixes[length] = asked.prefix(length)
                pair = statement, prefix
            said.append(pair)
            shape.append(pair[0])
            lengths.append(length)
        if network is not None:
            said.append((network.statement, prefixes.get(reach) or asked.prefix(reach)))
        shape += (near.kind, self._widths(tuple(lengths)))  # of what the network says, its kind is all that bears
        alike = tuple(shape)
        answer = self._answers.get(alike)
        if answer is None:
            answer = self._answer(asked, said, near.signals)
            _keep(self._answers, alike, answer, _ANSWERS_KEPT)
        return Judgement(answer, tuple(said), near.signals, farthest)

    def _divided(self, asked: IpParts, kept: _Blocks, around: int, reach: int) -> tuple[_Part, ...]:
        """Return what each source does in the wide block around, and keep it where they will be asked again in it.

        `reach` is the length of the prefix in which the same network announces all.
        """
        parts: list[_Part] = []
        for source in self._sources:
            statement, length = source.look(asked)
            if length > kept.wide_bits:
                parts.append((source.look, None, 0))
            elif statement is not None:
                parts.append((None, (statement, asked.prefix(length)), length))
        divided = tuple(parts)
        if reach > kept.wide_bits or any(look is not None for look, _, _ in divided):
            _keep(kept.parts, around, divided, _WIDE_KEPT)
        return divided

    def _answer(self, asked: IpParts, said: Sequence[tuple[Statement, str]], signals: Signals) -> Answer:
        evidence = tuple(one.of(prefix) for one, prefix in said)
        address = fuse_address(ip_address(asked.packed), evidence, signals, calibration=self.calibration)
        return Answer(address, verdict((address,)))

    def _widths(self, lengths: tuple[int, ...]) -> int:
        """Return a number for which of the prefixes are wider than which, and which are alike."""
        order = self._order.get(lengths)
        if order is None:
            different = sorted(set(lengths))
            order = self._number(tuple(different.index(length) for length in lengths))
            _keep(self._order, lengths, order, _ANSWERS_KEPT)
        return order

    def _number(self, shape: _Shape) -> int:
        """Return a number that stands for a part of an answer's shape: quicker to find an answer by than the part."""
        return self._numbers.setdefault(shape, next(self._count))

    def _own(self, ip: Ip) -> Iterator[Evidence]:
        for source in self._extra:
            yield from source.claims(ip)

    def _around(self, asked: IpParts, network: Network | None) -> _Around:
        """Return what is known of the network that announces an address."""
        if network is None:
            return _NOBODY
        known = self._around_network.get(network)
        if known is None:
            backbone = network.asn in self._backbones
            signals = Signals(network.asn, network.name, network.publishes, backbone, network.thin, network.places)
            kind = (network.country, signals.publishes, backbone, signals.thin, signals.places)
            named = any(source.of_network(asked)[0] is not None for source in self._sources)
            known = self._around_network[network] = _Around(signals, self._number(kind), named)
        return known


#: Around an address that nobody announces; its kind is no number that `_number` gives.
_NOBODY = _Around(NOTHING, -1, named=False)


def _keep(kept: dict[_Key, _Kept], key: _Key, value: _Kept, most: int) -> _Kept:
    """Keep a value, and nothing else where there would be more than `most`."""
    if len(kept) >= most:
        kept.clear()
    kept[key] = value
    return value


def build(
    data: DataSets,
    *,
    calibration: Calibration | None = None,
    extra: Sequence[Source] = (),
    second: Second | None = None,
) -> EmbeddedSources:
    """Open the embedded sources over `data`, with the committed confidence table unless another is given."""
    material = Material(data, Networks(data), load_cdn(), load_anycast())
    return EmbeddedSources(material, calibration or Calibration.load(), load_backbones(), extra, second)
