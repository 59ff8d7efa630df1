from ipaddress import ip_address

import pytest

from router.data import DataSets
from router.hosting.sources.ranges import Ranges
from schemas.trace import Basis


@pytest.mark.parametrize(
    ("text", "country", "detail"),
    [
        ("3.120.0.1", "DE", "Amazon Web Services, eu-central-1"),
        ("51.140.1.1", "GB", "Microsoft Azure, uksouth"),
        ("34.141.0.1", "DE", "Google Cloud, europe-west3"),
    ],
)
def test_the_operator_names_its_region(data: DataSets, text: str, country: str, detail: str) -> None:
    (found,) = Ranges(data).claims(ip_address(text))
    assert (found.claim.basis, found.claim.country, found.detail) == (Basis.LOCATION, country, detail)
    assert found.as_of == data.as_of("ranges")


def test_a_claim_has_the_date_of_its_operators_list(data: DataSets) -> None:
    source = Ranges(data)
    source.dates = {"Microsoft Azure": "2026-01-02"}
    assert [found.as_of for found in source.claims(ip_address("51.140.1.1"))] == ["2026-01-02"]
    assert [found.as_of for found in source.claims(ip_address("3.120.0.1"))] == [data.as_of("ranges")]


def test_a_range_without_a_region_names_the_operator_and_no_country(data: DataSets) -> None:
    rows = [row for network, row in data.reader("ranges") if isinstance(row, dict) and row.get("region") == "GLOBAL"]
    assert rows
    network = next(net for net, row in data.reader("ranges") if isinstance(row, dict) and row.get("region") == "GLOBAL")
    (found,) = Ranges(data).claims(network[0])
    assert found.claim.country is None
    assert found.detail == "Amazon Web Services, GLOBAL"


def test_an_address_in_no_list_is_not_spoken_of(data: DataSets) -> None:
    assert Ranges(data).claims(ip_address("127.0.0.1")) == ()
