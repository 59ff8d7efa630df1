"""The one way out of a simulated process: the world's public addresses lead to loopback, all others nowhere."""

from collections.abc import Mapping
from typing import Final

LOOPBACK: Final = "127.0.0.1"
#: Every partner of the world answers here; nothing else exists.
_HTTPS: Final = 443


class Dial:
    """Where a judged public address is really called. It is injected in code, so no operator can set it."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        """Take the port of loopback that stands for each public address."""
        self._ports = dict(ports)

    def __call__(self, ip: str, port: int) -> tuple[str, int]:
        """Return where to connect instead. Raise ConnectionRefusedError for what the world does not have."""
        if ip not in self._ports or port != _HTTPS:
            raise ConnectionRefusedError("nobody answers there in the simulated world")
        return LOOPBACK, self._ports[ip]
