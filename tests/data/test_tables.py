import tomllib
from ipaddress import ip_network
from pathlib import Path

import pytest

import router.data
from router.data.tables import load_anycast, load_backbones, load_cdn, load_platforms, load_shorteners
from schemas.countries import ALPHA2


def test_networks_that_are_only_an_edge() -> None:
    assert load_cdn().operator_of_asn(13335) == "Cloudflare"
    assert load_cdn().operator_of_asn(64500) is None


@pytest.mark.parametrize(
    ("asn", "operator"),
    [(59692, "DDoS-Guard"), (15133, "Edgio"), (22822, "Edgio"), (32934, "Meta"), (62041, "Telegram")],
)
def test_a_network_is_told_by_the_name_of_its_operator_s_page(asn: int, operator: str) -> None:
    assert load_cdn().operator_of_asn(asn) == operator


# AS5065 is no part of bunny.net; 54994 and StackPath's three went to others.
@pytest.mark.parametrize("another", [5065, 54994, 12989, 20446, 33438])
def test_what_belongs_to_another_company_is_no_edge(another: int) -> None:
    assert load_cdn().operator_of_asn(another) is None


def test_no_network_belongs_to_two_operators() -> None:
    rows = tomllib.loads((Path(router.data.__file__).parent / "cdn.toml").read_text(encoding="utf-8"))["operator"]
    asns = [asn for row in rows for asn in row["asns"]]
    assert len(asns) == len(set(asns))
    assert all(row["source"].startswith("https://") for row in rows)


@pytest.mark.parametrize("shared", [15169, 396982, 16509, 14618, 8075, 63949, 60068, 212238, 60626, 199524])
def test_a_network_that_also_hosts_is_never_an_edge(shared: int) -> None:
    # All of Google, Amazon, Microsoft; AS63949 is Linode hosting although Akamai owns it.
    assert load_cdn().operator_of_asn(shared) is None


def test_every_suffix_is_a_plain_lower_case_name() -> None:
    for suffix in load_cdn().suffixes:
        assert suffix == suffix.lower().strip(".")
        assert "." in suffix


def test_no_backbone_is_taken_for_an_edge() -> None:
    assert load_backbones() & load_cdn().asns.keys() == frozenset()
    assert 3356 in load_backbones()


def test_no_anycast_prefix_is_finer_than_what_is_routed_nor_so_wide_that_hosts_stand_in_it() -> None:
    for prefix in load_anycast().prefixes:
        network = ip_network(prefix)
        assert network.prefixlen in (range(20, 25) if network.version == 4 else range(44, 49))


def test_a_network_that_also_hosts_is_never_anycast_as_a_whole() -> None:
    assert load_anycast().asns.keys() & {2635, 15169, 16509, 36692, 40509, 8075, *load_cdn().asns} == set()


def test_each_platform_can_be_reported_to() -> None:
    for row in load_platforms().by_suffix.values():
        assert row.seat in ALPHA2
        assert row.report.startswith("https://")
        assert row.kind in {"social", "chat", "store", "storage"}


def test_media_names_say_where_they_are_read() -> None:
    platforms = set(load_platforms().by_suffix.values())
    assert sum(1 for row in platforms if row.media) >= 15
    for row in platforms:
        assert bool(row.media) == row.media_source.startswith("https://")
        assert all(any(name.endswith(f".{domain}") for domain in row.domains) for name in row.customers)


def test_no_name_belongs_to_two_platforms_or_to_a_cdn() -> None:
    names = [name for row in set(load_platforms().by_suffix.values()) for name in (*row.domains, *row.media)]
    assert len(names) == len(set(names))
    assert not set(names) & load_cdn().suffixes.keys()


def test_no_platform_is_taken_for_a_shortener() -> None:
    assert load_shorteners() & load_platforms().by_suffix.keys() == frozenset()
