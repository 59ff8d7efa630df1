from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data import DataSets
from router.data.tables import Anycast, load_anycast
from router.hosting.judgement import IpParts
from router.hosting.sources import EmbeddedSources
from router.hosting.sources.anycast import AnycastAddresses
from router.hosting.sources.asn import Networks
from schemas.trace import Basis


@pytest.fixture(scope="module")
def anycast(data: DataSets) -> AnycastAddresses:
    return AnycastAddresses(Networks(data), load_anycast())


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("9.9.9.9", "Quad9"),
        ("208.67.222.222", "Cisco OpenDNS"),
        ("45.90.28.0", "NextDNS"),
        ("199.9.14.201", "Root servers"),
        ("2001:500:9f::42", "Root servers"),
        ("192.0.78.24", "WordPress.com"),
        ("76.76.21.21", "Vercel"),
    ],
)
def test_an_address_that_many_machines_answer_to_is_named(
    anycast: AnycastAddresses, embedded: EmbeddedSources, text: str, operator: str
) -> None:
    (found,) = anycast.claims(ip_address(text))
    assert (found.source, found.detail, found.claim.basis, found.claim.country) == (
        "anycast",
        operator,
        Basis.EDGE,
        None,
    )
    fused = embedded.address(ip_address(text))
    assert (fused.country, fused.edge, fused.operator) == (None, True, operator)


# Beside them in the same networks: Google Cloud, EC2, an office of Automattic, the block after Quad9's.
@pytest.mark.parametrize("text", ["34.141.0.1", "3.120.0.1", "192.0.79.1", "9.9.10.9", "127.0.0.1", "2a01:4f8::1"])
def test_what_stands_beside_them_is_none(anycast: AnycastAddresses, text: str) -> None:
    assert anycast.claims(ip_address(text)) == ()


@given(st.integers(0, 31), st.sets(st.integers(0, 31)))
def test_silence_reaches_as_far_as_no_block_of_the_table_lies(data: DataSets, asked: int, listed: set[int]) -> None:
    table = Anycast(as_of="2026-01-02", prefixes={f"5.0.{block}.0/24": "Example" for block in listed}, asns={})
    source = AnycastAddresses(Networks(data), table)
    statement, reach = source.look(IpParts(ip_address(f"5.0.{asked}.9").packed))
    inside = {
        net.network_address.packed[2]
        for net in ip_network((f"5.0.{asked}.0", max(reach, 19)), strict=False).subnets(new_prefix=24)
    }
    if asked in listed:
        assert (statement is not None, reach) == (True, 24)
        return
    assert statement is None
    assert not inside & listed
    if listed:  # and no further: one bit less holds one of them
        wider = ip_network((f"5.0.{asked}.0", reach - 1), strict=False)
        assert any(ip_address(f"5.0.{block}.1") in wider for block in listed)


def test_a_wider_prefix_holds_for_each_of_its_blocks(data: DataSets) -> None:
    table = Anycast(as_of="2026-01-02", prefixes={"3.120.0.0/22": "Example", "2a01:4f8::/46": "Six"}, asns={})
    source = AnycastAddresses(Networks(data), table)
    for text in ("3.120.0.1", "3.120.3.255", "2a01:4f8:3::1"):
        (found,) = source.claims(ip_address(text))
        assert found.as_of == "2026-01-02"
    assert source.claims(ip_address("3.120.4.0")) == ()
    assert source.claims(ip_address("2a01:4f8:4::1")) == ()


def test_a_whole_network_of_anycast_is_told_by_its_number(data: DataSets) -> None:
    networks = Networks(data)
    network, _ = networks.announced(IpParts(ip_address("172.104.1.1").packed))
    assert network is not None
    source = AnycastAddresses(networks, Anycast(as_of="2026-01-02", prefixes={}, asns={network.asn: "Example"}))
    (found,) = source.claims(ip_address("172.104.1.1"))
    assert found.detail == "Example"
    assert source.claims(ip_address("3.120.0.1")) == ()
