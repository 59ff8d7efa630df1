from ipaddress import ip_address

import pytest

from router.data import DataSets
from router.hosting.sources.bogon import Bogon
from schemas.trace import Basis

# iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry; multicast by RFC 5771 and RFC 4291.
PRIVATE = ["0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.1.1", "172.31.0.1", "192.168.1.1"]
PRIVATE += ["::", "::1", "fc00::1", "fe80::1", "fec0::1", "64:ff9b:1::1", "5f00::1"]
RESERVED = [
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
]
RESERVED += [
    "255.255.255.255",
    "64:ff9b::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:0a00:1::1",
    "3fff::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.31.196.1",
    "223.255.255.255",
]
PUBLIC += ["2001:200::1", "2a00::1", "2600::1", "2003::1"]


@pytest.mark.parametrize("text", PRIVATE)
def test_a_private_address_is_told_with_its_rfc(data: DataSets, text: str) -> None:
    (found,) = Bogon(data).claims(ip_address(text))
    assert found.detail.startswith("private_address: ")
    assert "(RFC " in found.detail
    assert (found.claim.basis, found.claim.country) == (Basis.SPECIAL, None)


@pytest.mark.parametrize("text", RESERVED)
def test_a_reserved_address_is_told_as_such(data: DataSets, text: str) -> None:
    (found,) = Bogon(data).claims(ip_address(text))
    assert found.detail.startswith("special_address: ")


@pytest.mark.parametrize("text", PUBLIC)
def test_nothing_is_said_of_a_public_address(data: DataSets, text: str) -> None:
    assert Bogon(data).claims(ip_address(text)) == ()
