"""CDN, proxy and anycast edges: by the operator's published ranges, and by networks that are nothing but an edge."""

from collections.abc import Sequence

from router.data import DataSets
from router.data.tables import Cdn
from router.hosting.sources.asn import Networks
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim, prefix_text
from schemas.trace import Basis, Evidence


class Edges:
    """Says that an address is an edge: the host behind it is unknown, and the address has no hosting country."""

    name = "cdn"

    def __init__(self, data: DataSets, networks: Networks, cdn: Cdn) -> None:
        """Read the set `edges`; `networks` and our own table tell the networks that are nothing but an edge."""
        self._set = Shipped(data, "edges")
        self._networks = networks
        self._cdn = cdn

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return one claim of basis `edge`, or none; its detail is the operator's name."""
        operator, length = self._set.find(ip)
        if operator is not None:
            return (self._evidence(operator, self._set.as_of, prefix_text(ip, length)),)
        network = self._networks.network(ip)
        operator = None if network is None else self._cdn.operator_of_asn(network.asn)
        if network is None or operator is None:
            return ()
        return (self._evidence(operator, self._cdn.as_of, prefix_text(ip, network.length)),)

    def _evidence(self, operator: str, as_of: str, prefix: str) -> Evidence:
        return Evidence(source=self.name, claim=claim(Basis.EDGE, None), as_of=as_of, prefix=prefix, detail=operator)
