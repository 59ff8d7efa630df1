from ipaddress import ip_address

import pytest

from router.data import DataSets
from router.data.tables import Anycast, load_anycast
from router.hosting.sources import EmbeddedSources
from router.hosting.sources.anycast import AnycastAddresses
from router.hosting.sources.asn import Networks
from router.hosting.sources.shipped import Asked
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


def test_silence_reaches_no_further_than_the_table_is_fine(anycast: AnycastAddresses) -> None:
    # 9.9.10.9 is silent; a /23 around it would hold Quad9's block.
    assert anycast.look(Asked(ip_address("9.9.10.9")))[1] >= 24
    assert anycast.look(Asked(ip_address("2001:500:9e::1")))[1] >= 48


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
    network, _ = networks.announced(Asked(ip_address("172.104.1.1")))
    assert network is not None
    source = AnycastAddresses(networks, Anycast(as_of="2026-01-02", prefixes={}, asns={network.asn: "Example"}))
    (found,) = source.claims(ip_address("172.104.1.1"))
    assert found.detail == "Example"
    assert source.claims(ip_address("3.120.0.1")) == ()
