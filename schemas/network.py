"""Networks that are not the public internet's, and that an operator may open for one partner: a police VPN."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, StringConstraints

Network: TypeAlias = IPv4Network | IPv6Network

#: What may be opened: never this machine, its links (where clouds keep their metadata), or what is nobody's.
OPENABLE: Final[tuple[Network, ...]] = (
    IPv4Network("10.0.0.0/8"),  # private, RFC 1918
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),  # shared address space of a provider, RFC 6598
    IPv6Network("fc00::/7"),  # unique local, RFC 4193
)
_WHAT: Final = "name a private network such as 10.20.0.0/16, inside 10/8, 172.16/12, 192.168/16, 100.64/10 or fc00::/7"


def openable(network: Network) -> bool:
    """Tell whether a network lies in what may be opened."""
    return any(_inside(network, block) for block in OPENABLE)


def _inside(network: Network, block: Network) -> bool:
    if isinstance(network, IPv4Network) and isinstance(block, IPv4Network):
        return network.subnet_of(block)
    return isinstance(network, IPv6Network) and isinstance(block, IPv6Network) and network.subnet_of(block)


def _checked(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError(_WHAT) from None
    if not openable(network):
        raise ValueError(_WHAT)
    return str(network)


#: A network in CIDR notation, as Python writes it.
PrivateNetwork = Annotated[str, StringConstraints(max_length=49), AfterValidator(_checked)]
