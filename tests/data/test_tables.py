import pytest

from router.data.tables import is_shortener, load_backbones, load_cdn, load_platforms, load_shorteners
from schemas.countries import ALPHA2


@pytest.mark.parametrize(
    ("name", "operator"),
    [
        ("d111111abcdef8.cloudfront.net", "Amazon CloudFront"),
        ("E1234.A.AKAMAIEDGE.NET.", "Akamai"),
        ("fastly.net", "Fastly"),
        ("notfastly.net", None),
        ("cloudfront.net.evil.test", None),
        ("example.test", None),
        ("", None),
    ],
)
def test_a_name_of_the_chain_betrays_its_cdn(name: str, operator: str | None) -> None:
    assert load_cdn().operator_of_name(name) == operator


def test_networks_that_are_only_an_edge() -> None:
    assert load_cdn().operator_of_asn(13335) == "Cloudflare"
    assert load_cdn().operator_of_asn(64500) is None


@pytest.mark.parametrize("shared", [15169, 396982, 16509, 14618, 8075, 63949, 60068, 212238, 60626, 199524])
def test_a_network_that_also_hosts_is_never_an_edge(shared: int) -> None:
    # All of Google, Amazon, Microsoft; AS63949 is Linode hosting although Akamai owns it.
    assert load_cdn().operator_of_asn(shared) is None


@pytest.mark.parametrize("name", ["x.akadns.net", "x.trafficmanager.net"])
def test_names_that_only_balance_load_lead_to_real_hosts(name: str) -> None:
    assert load_cdn().operator_of_name(name) is None


def test_every_suffix_is_a_plain_lower_case_name() -> None:
    for suffix in load_cdn().suffixes:
        assert suffix == suffix.lower().strip(".")
        assert "." in suffix


def test_no_backbone_is_taken_for_an_edge() -> None:
    assert load_backbones() & load_cdn().asns.keys() == frozenset()
    assert 3356 in load_backbones()


@pytest.mark.parametrize(
    ("host", "platform", "seat"),
    [
        ("m.facebook.com", "Facebook", "US"),
        ("t.me", "Telegram", "AE"),
        ("mega.nz", "MEGA", "NZ"),
        ("vk.com", "VK", "RU"),
    ],
)
def test_a_platform_is_known_by_its_domains(host: str, platform: str, seat: str) -> None:
    found = load_platforms().of_host(host)
    assert found is not None
    assert (found.name, found.seat) == (platform, seat)


@pytest.mark.parametrize("host", ["notfacebook.com", "facebook.com.evil.test", "com", "example.test"])
def test_a_look_alike_is_no_platform(host: str) -> None:
    assert load_platforms().of_host(host) is None


def test_each_platform_can_be_reported_to() -> None:
    for row in load_platforms().by_suffix.values():
        assert row.seat in ALPHA2
        assert row.report.startswith("https://")
        assert row.kind in {"social", "chat", "store", "storage"}


@pytest.mark.parametrize(
    ("host", "short"), [("bit.ly", True), ("WWW.TinyURL.com.", True), ("docs.bit.ly", False), ("example.test", False)]
)
def test_a_shortener_is_the_domain_itself(host: str, short: bool) -> None:
    assert is_shortener(host) is short


def test_no_platform_is_taken_for_a_shortener() -> None:
    assert load_shorteners() & load_platforms().by_suffix.keys() == frozenset()
