from ipaddress import ip_network
from pathlib import Path
from typing import Any

import maxminddb
import pytest

from router.data.builders import BUILDERS, OWN_NETWORK, listing_networks
from router.data.compile import read_table
from router.data.packages import Announcement, Published


def build(name: str, folders: dict[str, Path], into: Path) -> maxminddb.Reader:
    file = into / f"{name}.mmdb"
    BUILDERS[name](folders).write(file, kind=name, description=name, epoch=1)
    return maxminddb.open_database(file)


def test_every_set_of_the_table_has_a_builder_and_the_other_way_round() -> None:
    assert {row["name"] for row in read_table()["set"]} == set(BUILDERS)


@pytest.mark.parametrize(
    ("name", "address", "value"),
    [
        ("geolocation", "5.1.2.3", "DE"),
        ("geolocation", "5.2.0.1", None),
        ("delegation", "5.1.2.3", "NL"),
        ("assignments", "5.0.0.77", "SE"),
        ("assignments", "1.0.0.1", None),
        ("networks", "5.0.9.9", {"asn": 64500, "name": "Example, Inc.", "country": "BE", "places": "NL"}),
        ("networks", "9.9.9.9", None),
        ("ranges", "5.0.0.1", {"operator": "Amazon Web Services", "country": "DE", "region": "eu-central-1"}),
        ("ranges", "5.0.1.1", {"operator": "Amazon Web Services", "region": "GLOBAL"}),
        ("ranges", "5.0.32.1", {"operator": "Microsoft Azure", "country": "NL", "region": "westeurope"}),
        ("ranges", "5.0.40.1", {"operator": "Microsoft Azure"}),
        ("ranges", "5.0.48.1", None),
        ("edges", "5.0.48.1", "Cloudflare"),
        ("edges", "5.0.1.1", "Amazon CloudFront"),
        ("edges", "5.0.0.1", None),
        ("edges", "5.0.72.1", "Azure Front Door"),
        ("edges", "5.0.73.1", None),  # what Front Door calls the hosts behind it from
        ("edges", "5.0.80.1", "Google Cloud Load Balancing"),
        ("edges", "5.0.81.1", None),
        ("special", "127.0.0.1", {"code": "private_address", "detail": "loopback (RFC 1122)"}),
        ("special", "192.0.2.1", {"code": "special_address", "detail": "documentation (RFC 5737)"}),
        ("special", "::1", {"code": "private_address", "detail": "loopback (RFC 4291)"}),
        ("special", "5.0.0.1", None),
    ],
)
def test_a_set_says(name: str, address: str, value: Any, packages_folder: dict[str, Path], tmp_path: Path) -> None:
    with build(name, packages_folder, tmp_path) as reader:
        assert reader.get(address) == value


def listed(count: int, operator: str = "aws") -> list[Published]:
    return [Published(ip_network(f"5.0.{third}.0/24"), operator, "DE", "eu-central-1", None) for third in range(count)]


ANNOUNCED = [Announcement(4, int(ip_network("5.0.0.0/16")[0]), int(ip_network("5.0.0.0/16")[-1]), 64500, "Example")]


def test_an_as_is_an_operators_own_from_twenty_of_its_ranges_on() -> None:
    assert listing_networks(ANNOUNCED, listed(OWN_NETWORK)) == {64500: "Amazon Web Services"}
    assert listing_networks(ANNOUNCED, listed(OWN_NETWORK - 1)) == {}


def test_a_range_that_is_listed_twice_counts_once() -> None:
    assert listing_networks(ANNOUNCED, listed(OWN_NETWORK - 1) * 2) == {}


def test_an_edge_operators_network_publishes_no_hosting() -> None:
    assert listing_networks(ANNOUNCED, listed(OWN_NETWORK, "cloudflare")) == {}


def test_a_range_that_nobody_announces_counts_for_nobody() -> None:
    elsewhere = [Published(ip_network(f"6.0.{third}.0/24"), "aws", None, None, None) for third in range(OWN_NETWORK)]
    assert listing_networks(ANNOUNCED, elsewhere) == {}
