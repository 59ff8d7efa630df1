from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data import DataSets
from router.hosting.sources import shipped
from router.hosting.sources.shipped import Shipped, claim, prefix_text
from schemas.trace import Basis, Claim

NL = claim(Basis.LOCATION, "NL")


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_ipv4_prefixes_are_written_as_the_standard_library_does(ip: object, length: int) -> None:
    network = ip_network((ip, length), strict=False)  # type: ignore[arg-type]
    assert prefix_text(4, int(network[0]) >> (32 - length), length) == str(network)


@given(st.ip_addresses(v=6), st.integers(0, 128))
def test_ipv6_prefixes_are_written_as_the_standard_library_does(ip: object, length: int) -> None:
    network = ip_network((ip, length), strict=False)  # type: ignore[arg-type]
    assert prefix_text(6, int(network[0]) >> (128 - length), length) == str(network)


def test_it_finds_the_value_and_the_length_of_its_prefix(data: DataSets) -> None:
    country, length = Shipped(data, "geolocation", "geolocation").find(ip_address("3.120.0.1"))
    assert country == "DE"
    assert 8 <= length <= 32


def test_one_network_has_one_piece_of_evidence(data: DataSets) -> None:
    source = Shipped(data, "geolocation", "geolocation")
    one = source.evidence(ip_address("192.0.2.1"), 24, NL, "words")
    same = source.evidence(ip_address("192.0.2.200"), 24, NL, "words")
    finer = source.evidence(ip_address("192.0.2.200"), 25, NL, "words")
    assert one is same
    assert (one.prefix, finer.prefix) == ("192.0.2.0/24", "192.0.2.128/25")
    assert (one.source, one.as_of, one.detail) == ("geolocation", data.as_of("geolocation"), "words")


def test_the_families_are_kept_apart(data: DataSets) -> None:
    source = Shipped(data, "geolocation", "geolocation")
    assert source.evidence(ip_address("0.0.0.1"), 8, NL, "").prefix == "0.0.0.0/8"
    assert source.evidence(ip_address("::1"), 8, NL, "").prefix == "::/8"


def test_what_is_kept_is_bounded(data: DataSets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "_KEPT", 10)
    source = Shipped(data, "geolocation", "geolocation")
    for last in range(100):
        assert source.evidence(ip_address(f"192.0.2.{last}"), 32, NL, "").prefix == f"192.0.2.{last}/32"
        assert len(source._written) <= 10


def test_equal_claims_are_one_object() -> None:
    assert claim(Basis.LOCATION, "NL") is NL
    assert Claim(basis=Basis.LOCATION, country="NL") == NL
