"""Special addresses and names, and the ones beside them that are ordinary."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.special import effective, is_public, no_host_reason


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.9", "192.0.2.1", "192.31.196.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "100::1", "2001::1", "2001:db8::1",
        "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fe80::1", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_special_addresses_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
        "192.0.1.1", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255",
        "2001:200::1", "2003::1", "2600:1f18::1", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101",
    ],
)  # fmt: skip
def test_their_neighbours_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.integers(0, 2**32 - 1))
def test_what_the_standard_library_calls_private_is_never_public(number: int) -> None:
    ip = IPv4Address(number)
    assert not (is_public(ip) and not ip.is_global)


@given(st.integers(0, 2**32 - 1))
def test_an_embedded_address_is_judged_as_itself(number: int) -> None:
    inner = IPv4Address(number)
    for outer in (IPv6Address(f"::ffff:{inner}"), IPv6Address((0x64FF9B << 96) | number)):
        assert effective(outer) == inner
        assert is_public(outer) == is_public(inner)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.onion", "onion"),
        ("a.b.i2p", "i2p"),
        ("localhost", "private_address"),
        ("a.localhost", "private_address"),
        ("a.local", "private_name"),
        ("router.home.arpa", "private_name"),
        ("a.internal", "private_name"),
        ("a.example", "not_a_name"),
        ("com", "not_a_name"),
        ("a.alt", "other_root"),
        ("a.test", None),
        ("example.org", None),
        ("onion.example.org", None),
    ],
)
def test_names_outside_the_public_dns(name: str, reason: str | None) -> None:
    assert no_host_reason(name) == reason
