from ipaddress import ip_address, ip_network

import pytest

from router.data import DataSets
from router.hosting.sources.assignment import Assignments
from schemas.countries import ALPHA2
from schemas.trace import Basis


@pytest.mark.parametrize("text", ["3.120.0.1", "185.199.108.1", "2a01:4f8::1"])
def test_it_claims_what_its_set_holds(data: DataSets, text: str) -> None:
    ip = ip_address(text)
    (found,) = Assignments(data).claims(ip)
    assert found.claim.basis is Basis.LOCATION
    assert found.claim.country == data.reader("assignments").get(text)
    assert found.claim.country in ALPHA2
    assert found.prefix is not None
    assert ip in ip_network(found.prefix)
    assert (found.source, found.as_of) == ("assignments", data.as_of("assignments"))
    assert found.detail


def test_it_is_silent_where_its_set_is(data: DataSets) -> None:
    assert Assignments(data).claims(ip_address("127.0.0.1")) == ()


@pytest.mark.parametrize("text", ["1.1.1.1", "103.1.1.1", "2400::1"])
def test_apnics_space_is_left_out(data: DataSets, text: str) -> None:
    # APNIC's terms; docs/decisions/0003-data.md.
    assert Assignments(data).claims(ip_address(text)) == ()
