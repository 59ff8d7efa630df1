from ipaddress import ip_address, ip_network

import pytest

from router.data import DataSets
from router.hosting.sources.delegation import Delegation
from schemas.countries import ALPHA2
from schemas.trace import Basis


@pytest.mark.parametrize("text", ["3.120.0.1", "185.199.108.1", "2a01:4f8::1"])
def test_it_claims_what_its_set_holds(data: DataSets, text: str) -> None:
    ip = ip_address(text)
    (found,) = Delegation(data).claims(ip)
    assert found.claim.basis is Basis.REGISTRATION
    assert found.claim.country == data.reader("delegation").get(text)
    assert found.claim.country in ALPHA2
    assert found.prefix is not None
    assert ip in ip_network(found.prefix)
    assert (found.source, found.as_of) == ("delegation", data.as_of("delegation"))
    assert found.detail


def test_it_is_silent_where_its_set_is(data: DataSets) -> None:
    assert Delegation(data).claims(ip_address("127.0.0.1")) == ()


def test_a_cloud_address_is_registered_at_the_seat_wherever_it_stands(data: DataSets) -> None:
    # 3.0.0.0/8 is Amazon's, registered in the United States; 3.120.0.1 stands in Frankfurt.
    (found,) = Delegation(data).claims(ip_address("3.120.0.1"))
    assert found.claim.country == "US"
