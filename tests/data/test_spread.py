from ipaddress import ip_network
from itertools import islice
from pathlib import Path

import pytest

from router.data.packages import Announcement
from router.data.prefix_tree import PrefixTree
from router.data.spread import FEW_BLOCKS, WIDE, thin_countries
from schemas.countries import ALPHA2

COUNTRIES = sorted(ALPHA2)


def announcement(prefix: str, asn: int) -> Announcement:
    network = ip_network(prefix)
    return Announcement(network.version, int(network[0]), int(network[-1]), asn, "Example")


@pytest.fixture
def geolocation(tmp_path: Path) -> Path:
    """5.0.0.0/16: the first sixteen /24 lie in AD, each of the next ones in a country of its own."""
    tree = PrefixTree()
    tree.insert_network(ip_network("5.0.0.0/20"), {"country_code": COUNTRIES[0]})
    for block, country in enumerate(islice(COUNTRIES, 1, 200), start=16):
        tree.insert_network(ip_network(f"5.0.{block}.0/24"), {"country_code": country})
    tree.write(tmp_path / "geolocation.mmdb", kind="country", description="test", epoch=1)
    return tmp_path / "geolocation.mmdb"


def test_a_widely_spread_network_is_thin_where_it_has_a_block_or_two(geolocation: Path) -> None:
    thin = thin_countries([announcement("5.0.0.0/16", 64500)], geolocation)
    assert set(thin) == {64500}
    assert COUNTRIES[1] in thin[64500]
    assert COUNTRIES[0] not in thin[64500]


def test_a_small_honest_network_is_not_thin(geolocation: Path) -> None:
    few = [announcement(f"5.0.{block}.0/24", 64500) for block in range(16, 16 + WIDE - 2)]
    assert thin_countries(few, geolocation) == {}


def test_blocks_add_up_over_announcements(geolocation: Path) -> None:
    rows = [announcement("5.0.0.0/16", 64500)] + [announcement("5.0.16.0/24", 64500)] * FEW_BLOCKS
    assert COUNTRIES[1] not in thin_countries(rows, geolocation)[64500]


def test_ipv6_says_nothing_about_thinness(geolocation: Path) -> None:
    assert thin_countries([announcement("2a00::/16", 64500)], geolocation) == {}
