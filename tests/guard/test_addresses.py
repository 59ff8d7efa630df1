from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import EgressRefused
from router.guard.addresses import is_public, literal, spoken_to

PUBLIC = ["3.120.0.1", "192.0.1.1", "172.32.0.1", "100.128.0.1", "223.255.255.255", "2a00:1450::1", "2606:4700::1111"]
CLOSED = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.9", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "100::1", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:5db8:d822::1",
    "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "2a00:1450::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_hosts_of_the_internet_may_be_called(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", CLOSED)
def test_everything_else_may_not(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("prefix", ["::ffff:", "64:ff9b::"])
@pytest.mark.parametrize("text", [text for text in (*PUBLIC, *CLOSED) if ":" not in text])
def test_an_address_inside_an_address_is_the_one_that_is_judged(prefix: str, text: str) -> None:
    assert is_public(ip_address(prefix + text)) == (text in PUBLIC)
    assert spoken_to(ip_address(prefix + text)) == ip_address(text)


@given(st.ip_addresses(v=6))
def test_outside_the_unicast_block_only_translated_addresses_are_public(ip: IPv6Address) -> None:
    if is_public(ip) and int(ip) >> 125 != 1:
        assert isinstance(spoken_to(ip), IPv4Address)


@given(st.ip_addresses(v=4))
def test_nothing_that_python_calls_private_is_public(ip: IPv4Address) -> None:
    if ip.is_private or ip.is_multicast or ip.is_reserved:
        assert not is_public(ip)


@pytest.mark.parametrize(
    ("host", "ip"),
    [
        ("3.120.0.1", "3.120.0.1"),
        ("[2a00:1450::1]", "2a00:1450::1"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        ("hotline.test", None),
        ("1.2.3.4.test", None),
        ("0xa.test", None),
    ],
)
def test_a_host_is_an_address_or_a_name(host: str, ip: str | None) -> None:
    assert literal(host) == (ip_address(ip) if ip else None)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "127.1", "0x7f.1", "0x7f000001", "010.0.0.1", "1.2.3.4.", "1.2.3.256", "1.2.3.0x4", "a:b"],
)
def test_a_host_that_programs_read_differently_is_refused(host: str) -> None:
    with pytest.raises(EgressRefused) as refused:
        literal(host)
    assert refused.value.reason == "odd_literal"
