"""Ask all embedded sources about an address, and fuse what they say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Self

from router.data import DataSets
from router.data.tables import Anycast, Cdn, load_anycast, load_backbones, load_cdn
from router.hosting.sources.anycast import AnycastAddresses
from router.hosting.sources.asn import Network, Networks
from router.hosting.sources.assignment import Assignments
from router.hosting.sources.base import Ip, Source
from router.hosting.sources.bogon import Bogon
from router.hosting.sources.cdn import Edges
from router.hosting.sources.delegation import Delegation
from router.hosting.sources.geo import Geolocation
from router.hosting.sources.ranges import Ranges
from router.hosting.sources.shipped import Asked, Found, LocalSource
from router.hosting.trusted import trusted
from router.hosting.verdict.calibration import Calibration
from router.hosting.verdict.fuse import fuse_address
from router.hosting.verdict.network_kind import NOTHING, Signals
from router.hosting.verdict.part import check
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

#: An answer that holds for a whole block of this many bits (IPv4, IPv6) is kept: hosts crowd in few such blocks.
_BLOCK = {4: 24, 6: 48}
#: How many blocks are kept; some 1 kB each.
_BLOCKS_KEPT = 16384


class EmbeddedSources:
    """All embedded sources behind one door: no I/O, safe to share between tasks and threads."""

    def __init__(
        self, material: Material, calibration: Calibration, backbones: frozenset[int], extra: Sequence[Source] = ()
    ) -> None:
        """Build every source of the table; `extra` are an operator's own (a MaxMind database).

        Raise CannotStart for one that does not declare its part in the verdict.
        """
        self.calibration = calibration
        self._networks = material.networks
        self._backbones = backbones
        shipped = [make(material) for make in SOURCES.values()]
        check((*shipped, *extra))
        self._looks = [source.look for source in shipped]
        self._extra = tuple(extra)
        self._signals: dict[Network, Signals] = {}
        self._blocks: dict[tuple[int, int], Address] = {}

    def held(self) -> AbstractContextManager[Self]:
        """Return itself: these sources stay as they are for as long as they are open."""
        return nullcontext(self)

    def evidence(self, ip: Ip) -> tuple[Evidence, ...]:
        """Return what every embedded source claims of `ip`."""
        return (*self._look(Asked(ip))[0], *self._own(ip))

    def signals(self, ip: Ip) -> Signals:
        """Return what is known of the network around `ip`."""
        return self._around(Asked(ip))

    def address(self, ip: Ip, also: Sequence[Evidence] = (), basis: HostingBasis = "location") -> Address:
        """Return the fused answer for `ip`. `also` is evidence from elsewhere: online sources, a peer."""
        if also or self._extra or basis != "location":
            evidence = (*self.evidence(ip), *also)
            return fuse_address(ip, evidence, self.signals(ip), calibration=self.calibration, basis=basis)
        version, number = ip.version, int(ip)
        block = (version, number >> 8 if version == 4 else number >> 80)
        alike = self._blocks.get(block)
        if alike is not None:
            return trusted(Address, {**alike.__dict__, "ip": str(ip)})
        asked = Asked(ip)
        found, reach = self._look(asked)
        fused = fuse_address(ip, found, self._around(asked), calibration=self.calibration)
        if reach <= _BLOCK[version]:
            self._keep(block, fused)
        return fused

    def _look(self, asked: Asked) -> Found:
        """Ask every source that ships; the answer reaches as far as the one that reaches least."""
        found: list[Evidence] = []
        reach = 0
        for look in self._looks:
            claims, length = look(asked)
            found += claims
            reach = max(reach, length)
        return found, reach

    def _own(self, ip: Ip) -> Iterator[Evidence]:
        for source in self._extra:
            yield from source.claims(ip)

    def _around(self, asked: Asked) -> Signals:
        network, _ = self._networks.announced(asked)
        if network is None:
            return NOTHING
        known = self._signals.get(network)
        if known is None:
            backbone = network.asn in self._backbones
            known = Signals(network.asn, network.name, network.publishes, backbone, network.thin, network.places)
            self._signals[network] = known
        return known

    def _keep(self, block: tuple[int, int], fused: Address) -> None:
        if len(self._blocks) >= _BLOCKS_KEPT:
            self._blocks.clear()
        self._blocks[block] = fused


def build(data: DataSets, *, calibration: Calibration | None = None, extra: Sequence[Source] = ()) -> EmbeddedSources:
    """Open the embedded sources over `data`, with the committed confidence table unless another is given."""
    material = Material(data, Networks(data), load_cdn(), load_anycast())
    return EmbeddedSources(material, calibration or Calibration.load(), load_backbones(), extra)
