"""Special-purpose addresses: private, loopback, documentation, multicast. Nothing public is hosted there."""

from collections.abc import Sequence

from router.data import DataSets
from router.hosting.sources.base import Ip
from router.hosting.sources.shipped import Shipped, claim
from schemas.trace import Basis, Evidence


class Bogon:
    """IANA's special-purpose registries (RFC 6890)."""

    name = "bogon"

    def __init__(self, data: DataSets) -> None:
        """Read the set `special`."""
        self._set = Shipped(data, "special", self.name)

    def claims(self, ip: Ip) -> Sequence[Evidence]:
        """Return one claim of basis `special`; its detail starts with the reason's code, as in `private_address: …`."""
        value, length = self._set.find(ip)
        if value is None:
            return ()
        return (self._set.evidence(ip, length, claim(Basis.SPECIAL, None), f"{value['code']}: {value['detail']}"),)
