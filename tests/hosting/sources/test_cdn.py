from ipaddress import ip_address

import pytest

from router.data import DataSets
from router.data.tables import Cdn, load_cdn
from router.hosting.judgement import IpParts
from router.hosting.sources.asn import Networks
from router.hosting.sources.cdn import Edges
from schemas.trace import Basis


@pytest.fixture(scope="module")
def edges(data: DataSets) -> Edges:
    return Edges(data, Networks(data), load_cdn())


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("104.16.1.1", "Cloudflare"),
        ("2606:4700::1", "Cloudflare"),
        ("13.32.0.1", "Amazon CloudFront"),
        ("151.101.1.1", "Fastly"),
        ("13.107.246.40", "Azure Front Door"),
        ("34.149.87.45", "Google Cloud Load Balancing"),
        ("190.115.31.40", "DDoS-Guard"),
        ("186.2.165.49", "DDoS-Guard"),
        ("157.240.1.35", "Meta"),
        ("149.154.167.99", "Telegram"),
    ],
)
def test_an_edge_is_named_by_its_operator(edges: Edges, text: str, operator: str) -> None:
    (found,) = edges.claims(ip_address(text))
    assert (found.detail, found.claim.basis, found.claim.country) == (operator, Basis.EDGE, None)
    assert found.prefix


# Networks that share their AS with edges, or belong to a CDN's owner, and host: Linode, EC2, Google Cloud, Azure.
@pytest.mark.parametrize("text", ["172.104.1.1", "3.120.0.1", "34.141.0.1", "51.140.1.1", "127.0.0.1"])
def test_a_hosting_network_is_no_edge(edges: Edges, text: str) -> None:
    assert edges.claims(ip_address(text)) == ()


def test_a_whole_network_of_edges_is_dated_by_our_own_table(data: DataSets) -> None:
    networks = Networks(data)
    network, _ = networks.announced(IpParts(ip_address("172.104.1.1").packed))
    assert network is not None
    cdn = Cdn(as_of="2026-01-02", asns={network.asn: "Example Edge"}, suffixes={})
    (found,) = Edges(data, networks, cdn).claims(ip_address("172.104.1.1"))
    assert (found.detail, found.as_of) == ("Example Edge", "2026-01-02")
