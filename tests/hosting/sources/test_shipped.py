from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data import DataSets
from router.hosting.judgement import IpParts, prefix_text
from router.hosting.sources.geo import Geolocation
from schemas.trace import Basis, Evidence


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_ipv4_prefixes_are_written_as_the_standard_library_does(ip: Any, length: int) -> None:
    network = ip_network((ip, length), strict=False)
    assert prefix_text(4, int(network[0]) >> (32 - length), length) == str(network)


@given(st.ip_addresses(v=6), st.integers(0, 128))
def test_ipv6_prefixes_are_written_as_the_standard_library_does(ip: Any, length: int) -> None:
    network = ip_network((ip, length), strict=False)
    assert prefix_text(6, int(network[0]) >> (128 - length), length) == str(network)


@pytest.fixture
def source(data: DataSets) -> Geolocation:
    return Geolocation(data)


def asked(text: str) -> IpParts:
    return IpParts(ip_address(text).packed)


@pytest.mark.parametrize("text", ["192.0.2.1", "2001:db8::1", "::1"])
def test_an_address_is_taken_apart(text: str) -> None:
    ip = ip_address(text)
    apart = IpParts(ip.packed)
    assert (apart.packed, apart.number, apart.version, apart.bits) == (ip.packed, int(ip), ip.version, ip.max_prefixlen)


@pytest.mark.parametrize("text", ["3.120.0.1", "2a01:4f8::1", "127.0.0.1"])
def test_it_finds_what_the_reader_finds_for_a_whole_address(data: DataSets, source: Geolocation, text: str) -> None:
    assert source.find(asked(text)) == data.reader("geolocation").get_with_prefix_len(text)


def test_a_country_is_claimed_as_far_as_its_prefix_reaches(source: Geolocation) -> None:
    statement, reach = source.look(asked("3.120.0.1"))
    assert statement is not None
    assert statement.claim.country == "DE"
    (claimed,) = source.claims(ip_address("3.120.0.1"))
    assert claimed == statement.of(asked("3.120.0.1").prefix(reach))


def test_silence_reaches_as_far_as_the_gap(source: Geolocation) -> None:
    statement, reach = source.look(asked("127.0.0.1"))
    assert statement is None
    assert 1 <= reach <= 32


def test_what_is_said_alike_is_one_statement(data: DataSets, source: Geolocation) -> None:
    one, same = (source.state(Basis.LOCATION, "NL", "words") for _ in range(2))
    assert one is same
    assert source.state(Basis.LOCATION, "DE", "words") is not one
    assert source.state(Basis.LOCATION, "NL", "other words") is not one
    assert (one.source, one.as_of, one.detail) == ("geolocation", data.as_of("geolocation"), "words")
    assert source.state(Basis.LOCATION, "SE", "dated", "2026-01-02").as_of == "2026-01-02"


def test_a_statement_is_said_of_a_network(source: Geolocation) -> None:
    found = source.state(Basis.LOCATION, "NL", "words").of("192.0.2.0/24")
    assert found == Evidence.model_validate(found.model_dump())
    assert (found.prefix, found.claim.country) == ("192.0.2.0/24", "NL")


def test_the_families_are_kept_apart() -> None:
    assert asked("0.0.0.1").prefix(8) == "0.0.0.0/8"
    assert asked("::1").prefix(8) == "::/8"
