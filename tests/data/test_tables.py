import pytest

from router.data.tables import load_backbones, load_cdn, load_platforms, load_shorteners
from schemas.countries import ALPHA2


def test_networks_that_are_only_an_edge() -> None:
    assert load_cdn().operator_of_asn(13335) == "Cloudflare"
    assert load_cdn().operator_of_asn(64500) is None


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


def test_each_platform_can_be_reported_to() -> None:
    for row in load_platforms().by_suffix.values():
        assert row.seat in ALPHA2
        assert row.report.startswith("https://")
        assert row.kind in {"social", "chat", "store", "storage"}


def test_no_platform_is_taken_for_a_shortener() -> None:
    assert load_shorteners() & load_platforms().by_suffix.keys() == frozenset()
