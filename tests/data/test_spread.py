from ipaddress import ip_network
from itertools import islice
from pathlib import Path

import pytest

from router.data.packages import Announcement
from router.data.prefix_tree import PrefixTree
from router.data.spread import FEW_BLOCKS, WIDE, spread
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


def thin(found: Announcement, rows: list[Announcement], geolocation: Path) -> frozenset[str]:
    """The countries in which whoever announces `found` hardly is, when `rows` are all that is announced."""
    return spread(rows, geolocation).thin(found)


def test_a_widely_spread_network_is_thin_where_it_has_a_block_or_two(geolocation: Path) -> None:
    whole = announcement("5.0.0.0/16", 64500)
    found = thin(whole, [whole], geolocation)
    assert COUNTRIES[1] in found
    assert COUNTRIES[0] not in found


def test_a_widely_spread_network_is_thinner_still_where_nobody_sees_a_block_of_it(geolocation: Path) -> None:
    # An entry may claim a country that geolocation does not repeat.
    whole = announcement("5.0.0.0/16", 64500)
    assert COUNTRIES[-1] in thin(whole, [whole], geolocation)


def test_a_small_honest_network_is_not_thin(geolocation: Path) -> None:
    few = [announcement(f"5.0.{block}.0/24", 64500) for block in range(16, 16 + WIDE - 2)]
    assert thin(few[0], few, geolocation) == frozenset()


def test_blocks_add_up_over_announcements(geolocation: Path) -> None:
    rows = [announcement("5.0.0.0/16", 64500)] + [announcement("5.0.16.0/24", 64500)] * FEW_BLOCKS
    assert COUNTRIES[1] not in thin(rows[0], rows, geolocation)


@pytest.fixture
def flags(tmp_path: Path) -> Path:
    """2a00:1::/32: a /36 for the first country with nine holes in it, a /48 for each of a hundred others."""
    tree = PrefixTree()
    tree.insert_network(ip_network("2a00:1::/36"), {"country_code": COUNTRIES[0]})
    for block, country in enumerate(islice(COUNTRIES, 1, 101)):
        start = 256 * block if block < 9 else 0x2000 + block
        tree.insert_network(ip_network(f"2a00:1:{start:x}::/48"), {"country_code": country})
    tree.write(tmp_path / "flags.mmdb", kind="country", description="test", epoch=1)
    return tmp_path / "flags.mmdb"


def test_in_ipv6_statements_are_counted_and_not_space(flags: Path) -> None:
    whole = announcement("2a00:1::/32", 64500)
    found = thin(whole, [whole], flags)
    assert COUNTRIES[1] in found
    assert COUNTRIES[100] in found
    assert COUNTRIES[0] not in found


def test_families_are_counted_apart(flags: Path) -> None:
    rows = [announcement("2a00:1::/32", 64500), announcement("5.0.0.0/16", 64500)]
    assert thin(rows[1], rows, flags) == frozenset()


def test_customers_of_one_holder_show_flags_together(flags: Path) -> None:
    # Each announces one /48 under an AS number of its own.
    rows = [announcement(f"2a00:1:{0x2000 + block:x}::/48", 64500 + block) for block in range(9, 9 + WIDE)]
    assert COUNTRIES[10] in thin(rows[0], rows, flags)
    assert thin(rows[0], rows[: WIDE - 1], flags) == frozenset()


def test_in_ipv6_a_network_is_not_thin_where_it_spends_ipv4(tmp_path: Path) -> None:
    tree = PrefixTree()
    for block, country in enumerate(COUNTRIES[:100]):
        tree.insert_network(ip_network(f"2a00:1:{0x2000 + block:x}::/48"), {"country_code": country})
        tree.insert_network(ip_network(f"5.{block}.0.0/{24 if block % 2 else 20}"), {"country_code": country})
    tree.write(tmp_path / "both.mmdb", kind="country", description="test", epoch=1)
    rows = [announcement("2a00:1::/32", 64500), announcement("2a00:1:2000::/48", 64501)]
    rows += [announcement(f"5.{block}.0.0/{24 if block % 2 else 20}", 64500) for block in range(100)]
    found = thin(rows[0], rows, tmp_path / "both.mmdb")
    assert found == ALPHA2 - set(COUNTRIES[:100:2])
    # A customer of the same holder that spends none.
    assert COUNTRIES[0] in thin(rows[1], rows, tmp_path / "both.mmdb")


def test_a_network_stands_where_a_good_part_of_its_space_is(geolocation: Path) -> None:
    whole = announcement("5.0.0.0/16", 64500)  # 16 blocks of AD, one of each other
    assert spread([whole], geolocation).places(whole) == {COUNTRIES[0]}
    two = announcement("5.0.16.0/23", 64501)
    assert spread([two], geolocation).places(two) == set(COUNTRIES[1:3])
    elsewhere = announcement("6.0.0.0/24", 64502)
    assert spread([elsewhere], geolocation).places(elsewhere) == frozenset()


def test_a_network_without_ipv4_stands_where_its_statements_are(flags: Path) -> None:
    rows = [announcement("2a00:1:2009::/48", 64500), announcement("2a00:1:200a::/48", 64500)]
    assert spread(rows, flags).places(rows[0]) == set(COUNTRIES[10:12])
