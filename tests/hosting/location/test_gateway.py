"""Gateways are known by their structure first, and what is behind them names the case."""

from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.data.tables import load_gateways
from router.hosting.location.identity import identity
from router.hosting.location.registrable import registrable_domain
from router.hosting.location.url import read
from schemas.locator import LocationKind
from tests.hosting.location.pasting import hosts

V3 = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd"
V2 = "expyuzz4wqqyqhjn"
V0, V1 = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", "bafybeie5nqv6kd3qnfjupgvz34woh3oksc3iau6abmyajn7qvtf6d2ho34"

onions = st.binary(min_size=34, max_size=34).map(lambda key: b32encode(key + b"\x03").decode().lower()) | st.binary(
    min_size=10, max_size=10
).map(lambda key: b32encode(key).decode().lower())
contents = st.binary(min_size=32, max_size=32).map(
    lambda digest: "b" + b32encode(b"\x01\x55\x12\x20" + digest).decode().lower().rstrip("=")
)


@given(onions, hosts, st.sampled_from(["", "www.", "a.b."]), st.sampled_from(["/", "/a?b=c#d"]))
def test_an_onion_address_before_any_onion_label_stands_as_the_location(
    onion: str, host: str, below: str, path: str
) -> None:
    gateway = f"{below}{onion}.onion.{host}"
    locator = read(f"https://{gateway}{path}")
    assert (locator.no_host, locator.host, locator.kind) == ("onion_gateway", gateway, LocationKind.ONION)
    assert locator.canonical == f"http://{below}{onion}.onion{path}"
    assert identity(locator) == identity(read(f"http://{below}{onion}.onion{path}"))
    assert read(locator.canonical).canonical == locator.canonical


@given(onions, hosts, st.sampled_from(["", "https/", "http://", "onion/"]), st.sampled_from(["", "/", "/a?b=c#d"]))
def test_an_onion_address_as_the_first_part_of_a_path_stands_as_the_location(
    onion: str, host: str, before: str, path: str
) -> None:
    for gateway in (host, "gw.example", "192.0.2.1:8080", "localhost"):
        locator = read(f"https://{gateway}/{before}www.{onion}.onion{path}")
        assert (locator.no_host, locator.kind) == ("onion_gateway", LocationKind.ONION)
        assert locator.canonical == f"http://www.{onion}.onion{path or '/'}"
        assert read(locator.canonical).canonical == locator.canonical


@pytest.mark.parametrize("domain", ["onion.ws", "onion.moe", "onion.pw", "onion.re", "tor2web.fi", "tor2web.su"])
@pytest.mark.parametrize("onion", [V3, V2, "short"])
def test_a_listed_gateway_is_one_whatever_the_label(domain: str, onion: str) -> None:
    locator = read(f"https://{onion}.{domain}/a")
    assert (locator.no_host, locator.canonical) == ("onion_gateway", f"http://{onion}.onion/a")


def test_an_address_of_the_third_version_is_enough_on_any_host() -> None:
    assert read(f"https://{V3}.gate.test/a").canonical == f"http://{V3}.onion/a"


def test_a_gateway_to_another_hidden_network() -> None:
    locator = read("http://stats.i2p.xyz/a")
    assert (locator.no_host, locator.canonical) == ("onion_gateway", "http://stats.i2p/a")


def test_the_gateway_s_own_page_is_no_host_either() -> None:
    assert read("https://www.onion.ws/").no_host == "onion_gateway"
    assert read("https://gateway.pinata.cloud/").no_host == "ipfs_gateway"


def test_all_gateways_to_one_hidden_service_are_one_case() -> None:
    ways = [f"http://{V3}.onion/a", f"https://{V3}.onion/a", f"https://{V3}.onion.ws/a", f"https://{V3}.tor2web.su/a"]
    assert len({identity(read(way)) for way in ways}) == 1


@given(contents, hosts, st.sampled_from(["", "/a.jpg", "/a/b c.jpg"]))
def test_a_content_id_names_the_case_on_any_host(content: str, host: str, path: str) -> None:
    path = path.replace(" ", "%20")
    ways = [
        f"https://{host}/ipfs/{content}{path}",
        f"https://{host}/some/where/ipfs/{content}{path}?filename=x",
        f"https://{content}.ipfs.{host}{path}",
        f"https://{content}.{host}{path}",
        f"http://192.0.2.1:8080/ipfs/{content}{path}#x",
        f"http://{content}.ipfs.localhost:8080{path}",
        f"https://{host}/api/v0/cat?arg=/ipfs/{content}{path}",
    ]
    assert {read(way).no_host for way in ways} == {"ipfs_gateway"}
    assert read(ways[0]).host == host
    assert read(ways[0]).canonical == ways[0], "what is sent stays as it was written"
    native = f"ipfs://{content}{path}"
    assert {identity(read(way)) for way in [*ways, native, native.replace("ipfs://", "/ipfs/")]} == {f"p2p\n{native}"}


def test_both_versions_of_an_id_are_one_content() -> None:
    ways = [V0, V1, f"ipfs://{V0}", f"https://ipfs.io/ipfs/{V0}", f"https://{V1}.ipfs.dweb.link/", f"ipfs://ipfs/{V0}"]
    assert {identity(read(way)) for way in ways} == {f"p2p\nipfs://{V1}"}
    assert identity(read(V0, LocationKind.P2P)) != identity(read(f"{V0}/other"))


@pytest.mark.parametrize(
    ("way", "name"),
    [
        ("https://ipfs.io/ipns/en.wikipedia-on-ipfs.org/wiki/", "ipns://en.wikipedia-on-ipfs.org/wiki/"),
        ("https://en-wikipedia--on--ipfs-org.ipns.dweb.link/wiki/", "ipns://en.wikipedia-on-ipfs.org/wiki/"),
        ("https://vitalik.eth.limo/a", "ipns://vitalik.eth/a"),
        ("https://vitalik.eth.link/a", "ipns://vitalik.eth/a"),
    ],
)
def test_a_name_that_leads_to_content_names_the_case(way: str, name: str) -> None:
    assert read(way).no_host == "ipfs_gateway"
    assert identity(read(way)) == f"p2p\n{name}"


@pytest.mark.parametrize(
    "url",
    [
        "http://onion.example.org/",
        "http://www.theonion.com/",
        "http://subscriptions.example.org/onion/a",
        "https://docs.ipfs.tech/ipfs/install",
        "https://x.test/ipfs/",
        "https://x.test/a/ipns/",
        "https://www.ipns.test/",
        "https://x.test/page?image=https%3A%2F%2Fipfs.io",
        f"https://news.test/2020/about/{V3}.onion",
        f"https://news.test/?ref={V3}.onion",
        f"https://news.test/{V3[:40]}.onion/",
        f"http://{V3[:55]}.example.org/",
        f"http://b{'a' * 58}.example.org/",
    ],
)
def test_ordinary_hosts_stay(url: str) -> None:
    assert read(url).no_host is None


def test_every_listed_name_is_found_by_its_registered_domain() -> None:
    for domain, rows in load_gateways().items():
        for name, network in rows:
            assert registrable_domain(name) == domain
            assert network in {"onion", "i2p", "ipfs", "ens"}
            assert (read(f"https://a.{name}/").no_host or "").endswith("_gateway")
