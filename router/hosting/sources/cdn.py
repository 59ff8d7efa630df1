"""CDN, proxy and anycast edges: by the operator's published ranges, and by networks that are nothing but an edge."""

from collections.abc import Mapping
from typing import ClassVar

from router.data import DataSets
from router.data.tables import Cdn
from router.hosting.judgement import IpParts, Statement
from router.hosting.sources.asn import Networks
from router.hosting.sources.shipped import Found, ShippedSource, claim
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis


class Edges(ShippedSource):
    """Says that an address is an edge: the host behind it is unknown, and the address has no hosting country."""

    name = "cdn"
    roles: ClassVar[Mapping[str, Role]] = {"cdn": Role((Part.EDGE,), Measured.YES)}
    reads = "edges"

    def __init__(self, data: DataSets, networks: Networks, cdn: Cdn) -> None:
        """Read the set `edges`; `networks` and our own table tell the networks that are nothing but an edge."""
        super().__init__(data)
        self._networks = networks
        # The date is our own table's: it says that this AS is nothing but an edge.
        nowhere = claim(Basis.EDGE, None)
        of_name = {name: Statement(self.name, nowhere, cdn.as_of, name) for name in cdn.asns.values()}
        self._of_asn = {asn: of_name[name] for asn, name in cdn.asns.items()}

    def look(self, asked: IpParts) -> Found:
        """Return one claim of basis `edge`, or none; its detail is the operator's name."""
        operator, length = self.find(asked)
        if operator is None:
            return None, length
        return self.state(Basis.EDGE, None, operator, self.dates.get(operator)), length

    def of_network(self, asked: IpParts) -> Found:
        """Return the claim that all of the network is an edge, if our table names it."""
        network, reach = self._networks.announced(asked)
        return None if network is None else self._of_asn.get(network.asn), reach
