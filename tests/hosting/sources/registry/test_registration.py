"""What is read of an RDAP answer, also where ipwhois gives up."""

import copy
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from ipwhois.net import Net

from router.hosting.sources.registry import registration
from router.hosting.sources.registry.registration import NotRegistration, read_network
from router.world.rdap import REGISTRATIONS, Mood, ip_network_object
from schemas.countries import ALPHA2
from tests.hosting.mutations import JSON, mutated, reshaped

TULIP = REGISTRATIONS[-1]
IP = ip_address("37.97.128.1")


@pytest.fixture
def answer() -> dict[str, Any]:
    return copy.deepcopy(ip_network_object(TULIP))


def test_a_whole_answer(answer: dict[str, Any]) -> None:
    network = read_network(answer, IP)
    assert (network.prefix, network.country, network.name) == ("37.97.128.0/17", "NL", "TULIP-HOSTING")
    assert (network.abuse, network.geofeed) == ("abuse@tulip.test", "https://feeds.tulip.test/geofeed.csv")
    assert IP in network
    assert ip_address("37.98.0.1") not in network
    assert ip_address("2a00::1") not in network


def test_ipwhois_reads_what_it_can(answer: dict[str, Any]) -> None:
    said = registration._by_ipwhois(answer, IP)
    assert said is not None
    assert (said["country"], said["cidr"]) == ("NL", "37.97.128.0/17")


def test_ipwhois_is_given_no_way_out(answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Net, "get_http_json", lambda *_, **__: pytest.fail("asked the registry"))
    del answer["entities"][0]["vcardArray"]
    assert read_network(answer, IP).country == "NL"


@pytest.mark.parametrize("where", ["network", "entities"])
def test_missing_handles_lose_nothing(answer: dict[str, Any], where: str) -> None:
    if where == "network":
        del answer["handle"]
    else:
        answer = ip_network_object(TULIP, Mood.NO_HANDLE)
    assert read_network(answer, IP) == read_network(ip_network_object(TULIP), IP)


def test_no_country_is_normal() -> None:
    assert read_network(ip_network_object(TULIP, Mood.NO_COUNTRY), IP).country is None


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ("nl", "NL"),
        (" DE ", "DE"),
        ("UK", "GB"),
        ("NL # Holland", "NL"),
        ("EU # Country is really world wide", None),
        ("ZZ", None),
        (["NL"], None),
        (7, None),
        (None, None),
    ],
)
def test_only_countries_are_countries(answer: dict[str, Any], said: object, country: str | None) -> None:
    answer["country"] = said
    assert read_network(answer, IP).country == country


def test_a_geofeed_in_a_remark(answer: dict[str, Any]) -> None:
    del answer["links"]
    answer["remarks"] = [{"description": ["Welcome", "Geofeed https://a.test/feed.csv"]}]
    assert read_network(answer, IP).geofeed == "https://a.test/feed.csv"


@pytest.mark.parametrize("href", ["http://a.test/feed.csv", "file:///x", 7])
def test_a_geofeed_is_only_taken_over_https(answer: dict[str, Any], href: object) -> None:
    answer["links"] = [{"rel": "geo", "href": href}]
    assert read_network(answer, IP).geofeed is None


def test_the_abuse_contact_at_any_depth_but_not_without_end(answer: dict[str, Any]) -> None:
    desk = answer["entities"][0]["entities"][0]
    answer["entities"] = [{"entities": [{"entities": [{"entities": [desk]}]}]}]
    assert read_network(answer, IP).abuse == "abuse@tulip.test"
    answer["entities"] = [{"entities": answer["entities"]}]
    assert read_network(answer, IP).abuse is None


def test_a_name_is_short_and_plain(answer: dict[str, Any]) -> None:
    answer["name"] = "<script>\u202eTULIP\n" + "x" * 200
    name = read_network(answer, IP).name
    assert name.startswith("scriptTULIP")
    assert len(name) == 60


@pytest.mark.parametrize(
    "broken",
    [
        [],
        None,
        "text",
        {},
        {"startAddress": "37.97.128.0"},
        {"startAddress": "37.97.128.0", "endAddress": "2a00::1"},
        {"startAddress": "37.97.255.255", "endAddress": "37.97.128.0"},
        {"startAddress": "10.0.0.0", "endAddress": "10.255.255.255"},  # another network than was asked for
        {"startAddress": {}, "endAddress": []},
    ],
)
def test_what_is_no_answer_about_the_address(broken: object) -> None:
    with pytest.raises(NotRegistration):
        read_network(broken, IP)


@pytest.mark.parametrize("rel", ["geo", "GEO", "geofeed alternate", ["geo"], [None, "alternate geo"]])
def test_a_relation_is_a_word_or_several_or_a_list(answer: dict[str, Any], rel: object) -> None:
    answer["links"] = [{"rel": "self", "href": "https://a.test/self"}, {"rel": rel, "href": "https://a.test/feed.csv"}]
    assert read_network(answer, IP).geofeed == "https://a.test/feed.csv"


def test_every_member_may_be_of_every_shape() -> None:
    for answer in reshaped(ip_network_object(TULIP)):
        with suppress(NotRegistration):
            assert IP in read_network(answer, IP)


@given(mutated(ip_network_object(TULIP)) | JSON)
def test_whatever_is_wrong_with_an_answer_it_is_a_network_around_the_address_or_none(answer: Any) -> None:
    try:
        network = read_network(answer, IP)
    except NotRegistration:
        return
    assert IP in network
    assert network.country is None or network.country in ALPHA2
    assert network.geofeed is None or network.geofeed.startswith("https://")
