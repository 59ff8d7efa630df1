from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import pytest

from router.data import DataSets
from router.hosting.judgement import IpParts
from router.hosting.sources.asn import Networks
from schemas.trace import Basis


@pytest.fixture
def networks(data: DataSets) -> Networks:
    return Networks(data)


def test_the_network_has_number_name_seat_and_operator(networks: Networks) -> None:
    network, length = networks.announced(IpParts(ip_address("3.120.0.1").packed))
    assert network is not None
    assert (network.asn, network.name, network.country) == (16509, "Amazon.com, Inc.", "US")
    assert network.publishes == "Amazon Web Services"
    assert 1 <= length <= 24


def test_a_hoster_that_publishes_no_list_has_no_operator(networks: Networks) -> None:
    network, _ = networks.announced(IpParts(ip_address("95.216.0.1").packed))
    assert network is not None
    assert (network.asn, network.publishes) == (24940, None)


def test_a_widely_spread_network_is_thin_somewhere_and_a_national_one_nowhere(networks: Networks) -> None:
    spread, _ = networks.announced(IpParts(ip_address("146.70.117.66").packed))
    national, _ = networks.announced(IpParts(ip_address("95.216.0.1").packed))
    assert spread is not None
    assert national is not None
    assert spread.asn == 9009
    assert "VE" in spread.thin
    assert not spread.thin & {"US", "GB", "DE"}
    assert national.thin == frozenset()


def test_the_claim_is_the_seat_of_the_as(networks: Networks) -> None:
    (found,) = networks.claims(ip_address("3.120.0.1"))
    assert (found.claim.basis, found.claim.country) == (Basis.REGISTRATION, "US")
    assert found.detail == "AS16509 Amazon.com, Inc."


def test_nobody_announces_a_private_address(networks: Networks) -> None:
    assert networks.announced(IpParts(ip_address("127.0.0.1").packed))[0] is None
    assert networks.claims(ip_address("127.0.0.1")) == ()


def test_addresses_asked_in_turn_are_not_mixed_up(networks: Networks) -> None:
    one, other = IpParts(ip_address("3.120.0.1").packed), IpParts(ip_address("95.216.0.1").packed)
    asked = [networks.announced(asked)[0] for asked in (one, other, one, one, other)]
    assert [network.asn if network else None for network in asked] == [16509, 24940, 16509, 16509, 24940]


def test_threads_do_not_mix_addresses_up(networks: Networks) -> None:
    addresses = [IpParts(ip_address("3.120.0.1").packed), IpParts(ip_address("95.216.0.1").packed)] * 500
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda asked: networks.announced(asked)[0], addresses))
    assert {network.asn for network in found[::2] if network} == {16509}
    assert {network.asn for network in found[1::2] if network} == {24940}
