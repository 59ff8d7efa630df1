"""Team Cymru's records, over a real name server on loopback."""

from datetime import timedelta
from ipaddress import ip_address

import pytest

from router.clock import StoryClock
from router.errors import EvidenceUnavailable
from router.hosting.dns.plain import PlainAsker
from router.hosting.sources.cymru import AsOrigin, Cymru, read_network, read_origin
from schemas.trace import Basis, Claim, Evidence
from tests.hosting.dns.faulty_server import FaultyServer

FRANKFURT = ip_address("3.120.0.1")
ORIGIN = "1.0.120.3.origin.asn.cymru.com"
AS_RECORD = '"16509 | US | arin | 2000-05-04 | AMAZON-02 - Amazon.com, Inc., US"'


@pytest.fixture
def cymru(server: FaultyServer, clock: StoryClock) -> Cymru:
    server.put(ORIGIN, "TXT", '"16509 | 3.120.0.0/14 | US | arin | 2018-06-25"')
    server.put("as16509.asn.cymru.com", "TXT", AS_RECORD)
    return Cymru(PlainAsker([("127.0.0.1", server.port)], timeout=0.2), clock)


async def test_where_the_announcing_network_is_registered(cymru: Cymru) -> None:
    (evidence,) = await cymru.claims(FRANKFURT, ())
    assert (evidence.source, evidence.claim.basis, evidence.claim.country) == ("cymru", Basis.REGISTRATION, "US")
    assert evidence.prefix == "3.120.0.0/14"
    assert evidence.detail.startswith("AS16509 AMAZON-02")


async def test_ipv6_is_asked_by_nibbles(cymru: Cymru, server: FaultyServer) -> None:
    ip = ip_address("2600:1f18::1")
    name = ".".join(reversed(ip.exploded.replace(":", ""))) + ".origin6.asn.cymru.com"
    server.put(name, "TXT", '"16509 | 2600:1f18::/33 | US | arin | 2012-01-01"')
    (evidence,) = await cymru.claims(ip, ())
    assert evidence.prefix == "2600:1f18::/33"


async def test_nobody_is_asked_for_what_is_known(cymru: Cymru, server: FaultyServer) -> None:
    known = Evidence(source="asn", claim=Claim(basis=Basis.REGISTRATION, country="US"))
    assert await cymru.claims(FRANKFURT, (known,)) == ()
    assert not server.asked


async def test_answers_are_kept_for_four_hours(cymru: Cymru, server: FaultyServer, clock: StoryClock) -> None:
    for _ in range(3):
        await cymru.claims(FRANKFURT, ())
    assert server.asked[f"{ORIGIN} TXT"] == 1
    clock.advance(timedelta(hours=5))
    await cymru.claims(FRANKFURT, ())
    assert server.asked[f"{ORIGIN} TXT"] == 2


async def test_an_address_that_nobody_announces(cymru: Cymru) -> None:
    assert await cymru.claims(ip_address("5.9.0.1"), ()) == ()


@pytest.mark.parametrize("fault", ["servfail", "drop"])
async def test_silence_is_said(cymru: Cymru, server: FaultyServer, fault: str) -> None:
    server.faults[ORIGIN] = fault
    with pytest.raises(EvidenceUnavailable):
        await cymru.claims(FRANKFURT, ())


async def test_the_pace_is_kept(cymru: Cymru, server: FaultyServer) -> None:
    answered = 0
    for host in range(80):
        try:
            await cymru.claims(ip_address(f"5.9.0.{host}"), ())
            answered += 1
        except EvidenceUnavailable:
            break
    assert answered == 50
    assert sum(server.asked.values()) == 50


@pytest.mark.parametrize(
    ("texts", "origin"),
    [
        (["16509 | 3.120.0.0/14 | US | arin | 2018-06-25"], AsOrigin(16509, "3.120.0.0/14")),
        (["1 | 3.0.0.0/8 | US | arin |", "2 | 3.120.0.0/16 | US | arin |"], AsOrigin(2, "3.120.0.0/16")),
        (["64500 64501 | 3.120.0.0/14 | US | arin | 2018-06-25"], AsOrigin(64500, "3.120.0.0/14")),
        (["1 | 5.0.0.0/8 | US | arin |"], None),
        (["1 | 2600::/12 | US | arin |"], None),
        (["NA | 3.120.0.0/14 | US"], None),
        (["1 | 3.120.0.1/14 | US"], None),
        (["1"], None),
        (["", "| | |"], None),
        ([], None),
    ],
)
def test_origin_records(texts: list[str], origin: AsOrigin | None) -> None:
    assert read_origin(texts, FRANKFURT) == origin


@pytest.mark.parametrize(
    ("texts", "country", "name"),
    [
        (["16509 | US | arin | 2000-05-04 | AMAZON-02, US"], "US", "AMAZON-02, US"),
        (["1 | EU | ripencc | 2000-05-04 | X"], None, "X"),
        (["1 | NL | ripencc"], None, ""),
        ([], None, ""),
        (["1 | NL | ripencc | 2000 | a\x07b" + "x" * 100], "NL", "ab" + "x" * 78),
    ],
)
def test_network_records(texts: list[str], country: str | None, name: str) -> None:
    assert read_network(texts) == (country, name)
