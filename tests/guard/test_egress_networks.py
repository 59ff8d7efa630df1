"""A private network is opened for one partner: its own host, and nothing else, ever."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import EgressRefused
from router.guard.addresses import is_public, may_be_called, networks_of
from schemas.network import OPENABLE, openable
from schemas.partner import Partner, PartnerKind
from tests.guard.asking import HOST, ask, fails, ok
from tests.loopback import Loopback

POLICE = ("10.20.0.0/16",)
INSIDE, OUTSIDE = "10.20.0.5", "10.21.0.5"
NEVER = ("127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "224.0.0.1", "::ffff:127.0.0.1", "192.0.2.1")
ADDRESSES = st.one_of(
    st.ip_addresses(),
    st.sampled_from(OPENABLE).flatmap(lambda block: st.ip_addresses(network=block)),
    st.sampled_from([ip_address(one) for one in NEVER]),
)
NETWORKS = st.tuples(ADDRESSES, st.integers(0, 32)).map(lambda of: str(ip_network((of[0], of[1]), strict=False)))


async def served(net: Loopback, address: str) -> None:
    """A partner's host, at this address as its name server says."""
    await net.serve(HOST, ok)
    real = net.hosts[HOST][0]
    net.hosts[HOST] = [ip_address(address)]
    net.ports[address, 443] = net.ports[str(real), 443]


async def test_a_partner_on_a_closed_network_is_called_where_it_was_opened(net: Loopback) -> None:
    await served(net, INSIDE)
    egress = await net.egress()
    assert isinstance(await fails(egress), EgressRefused)
    assert (await ask(egress, networks=POLICE)).status == 200


async def test_what_is_open_for_one_is_open_for_nobody_else(net: Loopback) -> None:
    """The connection is kept alive, to the same host and port: a request without the allowance must not ride on it."""
    await served(net, INSIDE)
    egress = await net.egress()
    assert (await ask(egress, networks=POLICE)).status == 200
    assert isinstance(await fails(egress), EgressRefused)
    assert isinstance(await fails(egress, networks=("10.30.0.0/16",)), EgressRefused)
    assert (await ask(egress, networks=POLICE)).status == 200


@pytest.mark.parametrize("address", [OUTSIDE, *NEVER])
async def test_nothing_beside_it_is_opened(net: Loopback, address: str) -> None:
    await net.serve(HOST, ok)
    net.hosts[HOST] = [ip_address(INSIDE), ip_address(address)]
    error = await fails(await net.egress(), networks=POLICE)
    assert (type(error), error.reason) == (EgressRefused, "not_public")


@given(ADDRESSES, st.lists(NETWORKS, max_size=4))
def test_an_allowance_opens_what_may_be_opened_and_lies_in_it(address: object, networks: list[str]) -> None:
    """Whatever stands in a directory: `0.0.0.0/0`, a loopback, a cloud's metadata."""
    ip = ip_address(str(address))
    opened = networks_of(tuple(networks))
    private = not is_public(ip) and may_be_called(ip, opened)
    bare = getattr(ip, "ipv4_mapped", None) or ip
    if private and int(ip) >> 32 != int(ip_address("64:ff9b::")) >> 32:
        assert any(bare.version == block.version and bare in block for block in OPENABLE)
        assert any(bare in ip_network(one) for one in networks)
    assert not may_be_called(ip, ()) or is_public(ip)


@pytest.mark.parametrize("address", NEVER)
def test_this_machine_its_links_and_metadata_are_never_opened(address: str) -> None:
    ip = ip_address(address)
    wide = networks_of((f"{address}/32" if ip.version == 4 else f"{address}/128", "0.0.0.0/0", "::/0", "10.0.0.0/7"))
    assert not may_be_called(ip, wide)


@pytest.mark.parametrize(
    "network", ["127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/0", "8.8.8.0/24", "10.0.0.0/7", "::/0", "x"]
)
def test_a_partner_names_private_networks_only(network: str) -> None:
    entry = {"name": "police", "title": "Police", "kind": PartnerKind.POLICE}
    with pytest.raises(ValueError, match="name a private network"):
        Partner.model_validate({**entry, "networks": (network,)})
    assert Partner.model_validate({**entry, "networks": POLICE}).networks == POLICE
    assert not any(openable(ip_network(one)) for one in ("127.0.0.0/8", "::/0"))
