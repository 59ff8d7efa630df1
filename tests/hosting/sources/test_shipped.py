from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data import DataSets
from router.hosting.sources import shipped
from router.hosting.sources.geo import Geolocation
from router.hosting.sources.shipped import Asked, claim, prefix_text
from schemas.trace import Basis, Claim

NL = claim(Basis.LOCATION, "NL")


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


def asked(text: str) -> Asked:
    return Asked(ip_address(text))


@pytest.mark.parametrize("text", ["192.0.2.1", "2001:db8::1", "::1"])
def test_an_address_is_taken_apart(text: str) -> None:
    ip = ip_address(text)
    apart = Asked(ip)
    assert (apart.packed, apart.number, apart.version, apart.bits) == (ip.packed, int(ip), ip.version, ip.max_prefixlen)


@pytest.mark.parametrize("text", ["3.120.0.1", "2a01:4f8::1", "127.0.0.1"])
def test_it_finds_what_the_reader_finds_for_a_whole_address(data: DataSets, source: Geolocation, text: str) -> None:
    assert source.find(asked(text)) == data.reader("geolocation").get_with_prefix_len(text)


def test_a_country_is_claimed_as_far_as_its_prefix_reaches(source: Geolocation) -> None:
    (found,), reach = source.look(asked("3.120.0.1"))
    assert found.claim.country == "DE"
    assert found.prefix is not None
    assert found.prefix.endswith(f"/{reach}")


def test_silence_reaches_as_far_as_the_gap(source: Geolocation) -> None:
    claims, reach = source.look(asked("127.0.0.1"))
    assert claims == ()
    assert 1 <= reach <= 32


def test_one_network_has_one_piece_of_evidence(data: DataSets, source: Geolocation) -> None:
    one = source.write(asked("192.0.2.1"), 24, NL, "words")
    same = source.write(asked("192.0.2.200"), 24, NL, "words")
    finer = source.write(asked("192.0.2.200"), 25, NL, "words")
    assert one is same
    assert (one.prefix, finer.prefix) == ("192.0.2.0/24", "192.0.2.128/25")
    assert (one.source, one.as_of, one.detail) == ("geolocation", data.as_of("geolocation"), "words")


def test_the_families_are_kept_apart(source: Geolocation) -> None:
    assert source.write(asked("0.0.0.1"), 8, NL, "").prefix == "0.0.0.0/8"
    assert source.write(asked("::1"), 8, NL, "").prefix == "::/8"


def test_what_is_kept_is_bounded(source: Geolocation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "_KEPT", 10)
    for last in range(100):
        assert source.write(asked(f"192.0.2.{last}"), 32, NL, "").prefix == f"192.0.2.{last}/32"
        assert len(source._written) <= 10


def test_equal_claims_are_one_object() -> None:
    assert claim(Basis.LOCATION, "NL") is NL
    assert Claim(basis=Basis.LOCATION, country="NL") == NL
