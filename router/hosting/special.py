"""What never has a hosting country: addresses outside the public internet, and names outside the public DNS.

Addresses are judged by the IANA special-purpose registries (RFC 6890; iana.org/assignments/iana-ipv4-special-registry
and -ipv6-special-registry, as of 2026-11). The standard library's `is_global` lets 6to4, NAT64 and AS112 through, so
the blocks stand here.
"""

from bisect import bisect_right
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

from schemas.trace import Ip

_V4_SPECIAL: Final = (
    "0.0.0.0/8",  # this network, RFC 791
    "10.0.0.0/8",  # private, RFC 1918
    "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
    "127.0.0.0/8",  # loopback, RFC 1122
    "169.254.0.0/16",  # link-local, RFC 3927
    "172.16.0.0/12",  # private, RFC 1918
    "192.0.0.0/24",  # protocol assignments, RFC 6890
    "192.0.2.0/24",  # documentation, RFC 5737
    "192.31.196.0/24",  # AS112, RFC 7535
    "192.52.193.0/24",  # AMT, RFC 7450
    "192.88.99.0/24",  # 6to4 relay, deprecated by RFC 7526
    "192.168.0.0/16",  # private, RFC 1918
    "192.175.48.0/24",  # AS112, RFC 7534
    "198.18.0.0/15",  # benchmarking, RFC 2544
    "198.51.100.0/24",  # documentation, RFC 5737
    "203.0.113.0/24",  # documentation, RFC 5737
    "224.0.0.0/3",  # multicast (RFC 5771), reserved (RFC 1112), broadcast
)
#: Only 2000::/3 is unicast on the internet (RFC 4291); these blocks inside it are not.
_V6_UNICAST: Final = IPv6Network("2000::/3")
_V6_SPECIAL: Final = (
    "2001::/23",  # protocol assignments with Teredo and ORCHID, RFC 2928
    "2001:db8::/32",  # documentation, RFC 3849
    "2002::/16",  # 6to4, RFC 3056
    "2620:4f:8000::/48",  # AS112, RFC 7534
    "3fff::/20",  # documentation, RFC 9637
)
#: The well-known NAT64 prefix carries an IPv4 address in its last 32 bits (RFC 6052).
_NAT64: Final = int(IPv6Address("64:ff9b::")) >> 32


def _spans(networks: list[IPv4Network] | list[IPv6Network]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    ordered = sorted((int(net.network_address), int(net.broadcast_address)) for net in networks)
    return tuple(first for first, _ in ordered), tuple(last for _, last in ordered)


_V4_FIRST, _V4_LAST = _spans([IPv4Network(net) for net in _V4_SPECIAL])
_V6_FIRST, _V6_LAST = _spans([IPv6Network(net) for net in _V6_SPECIAL])
_UNICAST_FIRST, _UNICAST_LAST = int(_V6_UNICAST.network_address), int(_V6_UNICAST.broadcast_address)


def effective(ip: Ip) -> Ip:
    """Return the address that is really spoken to: the IPv4 one inside an IPv4-mapped or NAT64 IPv6 address."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if int(ip) >> 32 == _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def is_public(ip: Ip) -> bool:
    """Say whether `ip` can be a host on the public internet."""
    ip = effective(ip)
    number = int(ip)
    if isinstance(ip, IPv4Address):
        at = bisect_right(_V4_FIRST, number) - 1
        return at < 0 or number > _V4_LAST[at]
    if not _UNICAST_FIRST <= number <= _UNICAST_LAST:
        return False
    at = bisect_right(_V6_FIRST, number) - 1
    return at < 0 or number > _V6_LAST[at]


#: Last labels that the public DNS does not serve, and why there is nothing to ask. `.test` is missing on purpose: the
#: operator's resolver decides, and the simulated world lives there.
_TOP_LABELS: Final = {
    "onion": "onion",  # RFC 7686
    "i2p": "i2p",
    "localhost": "private_address",  # RFC 6761
    "local": "private_name",  # RFC 6762
    "internal": "private_name",  # reserved by ICANN in 2024
    "lan": "private_name",
    "invalid": "not_a_name",  # RFC 6761
    "example": "not_a_name",  # RFC 6761
    "alt": "other_root",  # RFC 9476
    "bit": "other_root",  # names kept in a block chain or an overlay network: a DNS answer would say "gone"
    "eth": "other_root",
    "crypto": "other_root",
    "loki": "other_root",
    "gnu": "other_root",
}


def no_host_reason(name: str) -> str | None:
    """Return why DNS has nothing to say of `name` (lower-case ASCII), or None when it can be asked."""
    _, dot, top = name.rpartition(".")
    reason = _TOP_LABELS.get(top)
    if reason is not None:
        return reason
    if not dot:
        return "not_a_name"
    return "private_name" if name.endswith(".home.arpa") else None  # RFC 8375
