"""CDN, proxy and anycast edges: by the operator's published ranges, and by networks that are nothing but an edge."""

from collections.abc import Sequence

from router.data import DataSets
from router.data.tables import Cdn
from router.hosting.sources.asn import Networks
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim
from schemas.trace import Basis, Evidence


class Edges:
    """Says that an address is an edge: the host behind it is unknown, and the address has no hosting country."""

    name = "cdn"

    def __init__(self, data: DataSets, networks: Networks, cdn: Cdn) -> None:
        """Read the set `edges`; `networks` and our own table tell the networks that are nothing but an edge."""
        self._set = Shipped(data, "edges", self.name)
        self._networks = networks
        self._cdn = cdn

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return one claim of basis `edge`, or none; its detail is the operator's name."""
        operator, length = self._set.find(ip)
        if operator is not None:
            return (self._set.evidence(ip, length, claim(Basis.EDGE, None), operator),)
        network, length = self._networks.find(ip)
        operator = None if network is None else self._cdn.operator_of_asn(network.asn)
        if operator is None:
            return ()
        # The date is our own table's: it says that this AS is nothing but an edge.
        found = self._set.evidence(ip, length, claim(Basis.EDGE, None), operator)
        return (found.model_copy(update={"as_of": self._cdn.as_of}),)
