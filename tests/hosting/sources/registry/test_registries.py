"""Which registry answers for which address."""

from ipaddress import ip_address

import pytest

from router.hosting.sources.registry.registries import Registries, RegistryInfo, load_registries


@pytest.mark.parametrize(
    ("ip", "name"),
    [
        ("3.120.0.1", "arin"),
        ("185.1.1.1", "ripencc"),
        ("1.1.1.1", "apnic"),
        ("177.1.1.1", "lacnic"),
        ("197.1.1.1", "afrinic"),
        ("2a00:1450::1", "ripencc"),
        ("2600:1f18::1", "arin"),
        ("2c0f::1", "afrinic"),
        ("240.0.0.1", None),
        ("0.0.0.1", None),
        ("::1", None),
        ("ffff::1", None),
    ],
)
def test_the_registry_of_an_address(ip: str, name: str | None) -> None:
    info = load_registries().of(ip_address(ip))
    assert (info.name if info else None) == name


def test_every_registry_answers_over_https_and_has_a_pace() -> None:
    registries = load_registries().all
    assert len(registries) == 5
    for info in registries:
        assert info.rdap.startswith("https://")
        assert info.rdap.endswith("/")
        assert 0 < info.per_second <= 1


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://rdap.db.ripe.net/ip/1.2.3.4", "ripencc"),
        ("https://rdap.arin.net/registry/ip/1.2.3.4", "arin"),
        ("http://rdap.db.ripe.net/ip/1.2.3.4", None),
        ("https://rdap.db.ripe.net.evil.test/", None),
        ("https://127.0.0.1/", None),
        ("//[", None),
        ("", None),
    ],
)
def test_a_redirect_only_leads_to_a_registry(url: str, name: str | None) -> None:
    info = load_registries().at(url)
    assert (info.name if info else None) == name


def test_spans_end_where_they_end() -> None:
    info = RegistryInfo("one", "One", "https://one.test/", 1, 1)
    registries = Registries([(info, ["5.0.0.0/8", "2a00::/12"])])
    inside = ["5.0.0.0", "5.255.255.255", "2a00::", "2a0f:ffff::"]
    outside = ["4.255.255.255", "6.0.0.0", "29ff::", "2a10::"]
    assert [registries.of(ip_address(ip)) for ip in inside] == [info] * 4
    assert [registries.of(ip_address(ip)) for ip in outside] == [None] * 4
