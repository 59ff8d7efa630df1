"""WHOIS answers as the five registries write them, and as nobody should."""

import time
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.hosting.sources.registry.whois_answer import read_whois
from tests.hosting.mutations import garbled
from tests.hosting.sources.whois_server import REFERRAL, RIPE

ARIN = """
NetRange:       3.0.0.0 - 3.127.255.255
CIDR:           3.64.0.0/10, 3.0.0.0/10
NetName:        BIG-BLOCK
OrgName:        Big Inc.
Country:        US

NetRange:       3.120.0.0 - 3.123.255.255
CIDR:           3.120.0.0/14
NetName:        SMALL-BLOCK
Country:        de
"""
LACNIC = """
inetnum:     200.160/20
owner:       Nucleo
country:     BR
"""
#: As a person types it into a registry's form (RFC 2622 section 2: what follows `#` is a comment).
COMMENTED = RIPE.replace("37.97.255.255", "37.97.255.255 # all of it").replace(
    "country:        NL", "country: NL # Holland"
)
SIX = "inet6num:  2a00:1450::/29\nnetname: IE-SIX\ncountry: IE\n"
WORLD = "inetnum: 5.0.0.0 - 5.255.255.255\nnetname: NON-RIPE-NCC-MANAGED\ncountry: EU # Country is really world wide\n"


@pytest.mark.parametrize(
    ("text", "registry", "ip", "prefix", "country", "name"),
    [
        (RIPE, "ripencc", "37.97.128.1", "37.97.128.0/17", "NL", "TULIP-HOSTING"),
        (RIPE, "ripencc", "37.97.1.1", "37.97.0.0/16", "BE", "TULIP-ALL"),
        (COMMENTED, "ripencc", "37.97.128.1", "37.97.128.0/17", "NL", "TULIP-HOSTING"),
        (ARIN, "arin", "3.120.0.1", "3.120.0.0/14", "DE", "SMALL-BLOCK"),
        (ARIN, "arin", "3.1.0.1", "3.0.0.0/10", "US", "BIG-BLOCK"),
        (LACNIC, "lacnic", "200.160.0.1", "200.160.0.0/20", "BR", ""),
        (SIX, "ripencc", "2a00:1450::1", "2a00:1450::/29", "IE", "IE-SIX"),
        (WORLD, "ripencc", "5.1.2.3", "5.0.0.0/8", None, "NON-RIPE-NCC-MANAGED"),
        (REFERRAL, "ripencc", "37.97.128.1", "37.97.128.0/17", None, "TULIP-HOSTING"),
    ],
)
def test_the_smallest_network_around_the_address(
    text: str, registry: str, ip: str, prefix: str, country: str | None, name: str
) -> None:
    found = read_whois(text, registry, ip_address(ip))
    assert found is not None
    assert (found.prefix, found.country, found.name) == (prefix, country, name)
    assert (found.by, found.abuse, found.geofeed) == ("whois", None, None)
    assert ip_address(ip) in found


def test_a_network_of_several_prefixes_reaches_as_far_as_its_range() -> None:
    found = read_whois(ARIN, "arin", ip_address("3.1.0.1"))
    assert found is not None
    whole = (int(ip_address("3.0.0.0")), int(ip_address("3.127.255.255")))
    assert (found.first, found.last) == whole


@pytest.mark.parametrize(
    "text", ["", "%ERROR:101: no entries found\n", "route: 37.97.128.0/17\norigin: AS1\n", "inetnum: x - y\n", WORLD]
)
def test_what_is_not_around_the_address_is_no_answer(text: str) -> None:
    assert read_whois(text, "ripencc", ip_address("37.97.128.1")) is None


@pytest.mark.parametrize(
    ("line", "registry"),
    [
        ("CIDR: 1.0.0.0/8\n", "arin"),
        ("inetnum: 0.0.0.1 - 255.255.255.254\n", "ripencc"),
        ("inet6num: :: - ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe\n", "apnic"),
        ("inetnum: " + "1.2, " * 40 + "\n", "lacnic"),
        ("inetnum:" + " " * 65_000 + "x\n", "arin"),
        ("inet6num:" + " " * 30_000 + "a" * 30_000 + "x\n", "ripencc"),
        ("country:" + " " * 60_000 + "\n", "ripencc"),
        ("NetRange: 1.0.0.0 - " + "1" * 60_000 + "\n", "arin"),
        ("person: a@b.test " * 4_000 + "\n", "ripencc"),
    ],
)
def test_an_answer_made_to_be_slow_is_not(line: str, registry: str, slowness: float) -> None:
    text = (line * (65_536 // len(line) + 1))[:65_536]
    begun = time.process_time()
    read_whois(text, registry, ip_address("1.2.3.4"))
    assert time.process_time() - begun < slowness


def test_the_abuse_contact_of_the_answer_comes_with_it() -> None:
    header = "% Abuse contact for '37.97.128.0 - 37.97.255.255' is 'abuse@tulip.test'\n\n"
    found = read_whois(header + RIPE, "ripencc", ip_address("37.97.128.1"))
    assert found is not None
    assert (found.prefix, found.abuse) == ("37.97.128.0/17", "abuse@tulip.test")


@given(
    st.sampled_from([RIPE, ARIN, LACNIC, SIX, COMMENTED]).flatmap(garbled)
    | st.text()
    | st.lists(st.sampled_from([*RIPE.splitlines(), *ARIN.splitlines(), *SIX.splitlines()])).map("\n".join),
    st.sampled_from(["afrinic", "apnic", "arin", "lacnic", "ripencc"]),
    st.ip_addresses(),
)
def test_no_text_breaks_it(text: str, registry: str, ip: object) -> None:
    found = read_whois(text, registry, ip_address(str(ip)))
    assert found is None or ip_address(str(ip)) in ip_network(found.prefix)
