"""Ask all embedded sources about an address, and fuse what they say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from router.data import DataSets
from router.data.tables import Cdn, load_backbones, load_cdn
from router.hosting.calibration import Calibration
from router.hosting.fuse import fuse_address
from router.hosting.signals import NOTHING, Signals
from router.hosting.sources.asn import Network, Networks
from router.hosting.sources.assignment import Assignments
from router.hosting.sources.base import Ip, Source
from router.hosting.sources.bogon import Bogon
from router.hosting.sources.cdn import Edges
from router.hosting.sources.delegation import Delegation
from router.hosting.sources.geo import Geolocation
from router.hosting.sources.ranges import Ranges
from schemas.trace import Address, Evidence, HostingBasis


@dataclass(frozen=True, slots=True)
class Material:
    """What sources are built from."""

    data: DataSets
    networks: Networks
    cdn: Cdn


#: Source name -> how it is built. The order is the order of evidence in a trace.
SOURCES: Mapping[str, Callable[[Material], Source]] = {
    Bogon.name: lambda given: Bogon(given.data),
    Edges.name: lambda given: Edges(given.data, given.networks, given.cdn),
    Ranges.name: lambda given: Ranges(given.data),
    Geolocation.name: lambda given: Geolocation(given.data),
    Assignments.name: lambda given: Assignments(given.data),
    Delegation.name: lambda given: Delegation(given.data),
    Networks.name: lambda given: given.networks,
}


class EmbeddedSources:
    """All embedded sources behind one door: no I/O, safe to share between tasks and threads."""

    def __init__(
        self, material: Material, calibration: Calibration, backbones: frozenset[int], extra: Sequence[Source] = ()
    ) -> None:
        """Build every source of the table; `extra` are an operator's own (a MaxMind database)."""
        self.calibration = calibration
        self._networks = material.networks
        self._backbones = backbones
        self._signals: dict[Network, Signals] = {}
        self._claims = [make(material).claims for make in SOURCES.values()] + [source.claims for source in extra]

    def evidence(self, ip: Ip) -> tuple[Evidence, ...]:
        """Return what every embedded source claims of `ip`."""
        found: list[Evidence] = []
        for claims in self._claims:
            found += claims(ip)
        return tuple(found)

    def signals(self, ip: Ip) -> Signals:
        """Return what is known of the network around `ip`."""
        network, _ = self._networks.find(ip)
        if network is None:
            return NOTHING
        known = self._signals.get(network)
        if known is None:
            backbone = network.asn in self._backbones
            known = Signals(network.asn, network.name, network.publishes, backbone, network.thin)
            self._signals[network] = known
        return known

    def address(self, ip: Ip, also: Sequence[Evidence] = (), basis: HostingBasis = "location") -> Address:
        """Return the fused answer for `ip`. `also` is evidence from elsewhere: online sources, a peer."""
        evidence = self.evidence(ip)
        return fuse_address(
            ip, (*evidence, *also) if also else evidence, self.signals(ip), calibration=self.calibration, basis=basis
        )


def build(data: DataSets, *, calibration: Calibration | None = None, extra: Sequence[Source] = ()) -> EmbeddedSources:
    """Open the embedded sources over `data`, with the committed confidence table unless another is given."""
    material = Material(data, Networks(data), load_cdn())
    return EmbeddedSources(material, calibration or Calibration.load(), load_backbones(), extra)
