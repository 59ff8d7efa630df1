"""Special-purpose addresses: private, loopback, documentation, multicast. Nothing public is hosted there."""

from collections.abc import Mapping
from typing import ClassVar

from router.hosting.judgement import IpParts
from router.hosting.sources.shipped import Found, ShippedSource
from router.hosting.verdict.part import Measured, Part, Role
from schemas.trace import Basis


class Bogon(ShippedSource):
    """IANA's special-purpose registries (RFC 6890)."""

    name = "bogon"
    roles: ClassVar[Mapping[str, Role]] = {"bogon": Role((Part.SPECIAL,), Measured.YES)}
    reads = "special"

    def look(self, asked: IpParts) -> Found:
        """Return one claim of basis `special`; its detail starts with the reason's code, as in `private_address: …`."""
        value, length = self.find(asked)
        if value is None:
            return None, length
        return self.state(Basis.SPECIAL, None, f"{value['code']}: {value['detail']}"), length
