from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path

import maxminddb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.data.prefix_tree import PrefixTree, Range, cidrs

DAY = 1_764_000_000


def write(tree: PrefixTree, file: Path) -> Path:
    tree.write(file, kind="test", description="a test", epoch=DAY)
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "set.mmdb"


def test_a_range_is_found_by_its_first_and_last_address_and_not_beside_them(file: Path) -> None:
    tree = PrefixTree()
    tree.insert(Range(4, int(IPv4Address("192.0.2.3")), int(IPv4Address("192.0.2.9")), "NL"))
    with maxminddb.open_database(write(tree, file)) as reader:
        assert [reader.get(f"192.0.2.{last}") for last in (2, 3, 9, 10)] == [None, "NL", "NL", None]


def test_a_finer_prefix_cuts_a_wider_one(file: Path) -> None:
    tree = PrefixTree()
    tree.insert_network(ip_network("198.51.100.0/24"), {"operator": "wide"})
    tree.insert_network(ip_network("198.51.100.64/26"), {"operator": "fine"})
    with maxminddb.open_database(write(tree, file)) as reader:
        assert reader.get_with_prefix_len("198.51.100.70") == ({"operator": "fine"}, 26)
        assert reader.get_with_prefix_len("198.51.100.200") == ({"operator": "wide"}, 25)


def test_both_families_stand_in_one_file(file: Path) -> None:
    tree = PrefixTree()
    tree.insert_network(ip_network("203.0.113.0/24"), "BE")
    tree.insert_network(ip_network("2001:db8::/32"), "CA")
    with maxminddb.open_database(write(tree, file)) as reader:
        assert (reader.get("203.0.113.7"), reader.get("2001:db8::7"), reader.get("2001:db9::7")) == ("BE", "CA", None)


def test_neighbours_that_say_the_same_become_one_prefix(file: Path) -> None:
    tree = PrefixTree()
    tree.insert_network(ip_network("10.0.0.0/25"), "NL")
    tree.insert_network(ip_network("10.0.0.128/25"), "NL")
    with maxminddb.open_database(write(tree, file)) as reader:
        assert reader.get_with_prefix_len("10.0.0.1") == ("NL", 24)


def test_equal_subtrees_are_stored_once(tmp_path: Path) -> None:
    few, many = PrefixTree(), PrefixTree()
    for tree, count in ((few, 2), (many, 64)):
        for second in range(count):
            tree.insert_network(ip_network(f"10.{second}.0.0/17"), "NL")
    sizes = [write(tree, tmp_path / f"{name}.mmdb").stat().st_size for name, tree in (("few", few), ("many", many))]
    assert sizes[1] <= sizes[0]


def test_the_same_ranges_give_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        tree = PrefixTree()
        tree.insert_network(ip_network("10.0.0.0/8"), {"asn": 64500, "name": "Example"})
        tree.insert_network(ip_network("2001:db8::/32"), {"asn": 64501, "name": "Other"})
        files.append(write(tree, tmp_path / name).read_bytes())
    assert files[0] == files[1]


def test_the_date_of_the_data_stands_in_the_file(file: Path) -> None:
    tree = PrefixTree()
    tree.insert_network(ip_network("10.0.0.0/8"), "NL")
    with maxminddb.open_database(write(tree, file)) as reader:
        assert reader.metadata().build_epoch == DAY


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=200)
def test_cidrs_cover_a_range_exactly_and_in_order(one: int, other: int) -> None:
    first, last = sorted((one, other))
    at = first
    for network, length in cidrs(first, last, 32):
        assert network == at
        assert network % (1 << (32 - length)) == 0
        at += 1 << (32 - length)
    assert at == last + 1


def test_cidrs_of_everything_is_one_prefix() -> None:
    assert list(cidrs(0, 2**128 - 1, 128)) == [(0, 0)]


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.sampled_from(["NL", "BE", "DE"])), max_size=8))
@settings(max_examples=40)
def test_the_last_word_on_an_address_wins(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, str]]
) -> None:
    tree, plain = PrefixTree(), dict[int, str]()
    tree.insert_network(ip_network("2001:db8::/32"), "CA")
    base = int(IPv4Address("192.0.2.0"))
    for one, other, value in rows:
        first, last = sorted((one, other))
        tree.insert(Range(4, base + first, base + last, value))
        plain |= dict.fromkeys(range(first, last + 1), value)
    with maxminddb.open_database(write(tree, tmp_path_factory.mktemp("tree") / "set.mmdb")) as reader:
        found = {at: reader.get(IPv4Address(base + at)) for at in range(256)}
        assert {at: value for at, value in found.items() if value} == plain
        assert reader.get(IPv6Address("2001:db8::1")) == "CA"


@pytest.mark.parametrize(
    ("version", "first", "last"), [(4, 5, 4), (4, 0, 1 << 32), (4, -1, 5), (6, 0, 1 << 128), (4, 1 << 40, 1 << 41)]
)
def test_what_is_no_range_of_its_family_is_refused(version: int, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="no range"):
        PrefixTree().insert(Range(version, first, last, "NL"))
