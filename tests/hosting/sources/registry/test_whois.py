"""A registry asked by WHOIS, through the real guard, when its RDAP gives no answer or no country."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address

import pytest

from router.clock import StoryClock
from router.errors import EvidenceUnavailable
from router.hosting.sources.registry import rdap as rdap_module
from router.hosting.sources.registry import whois as whois_module
from router.hosting.sources.registry.rdap import Rdap
from router.hosting.sources.registry.registries import Registries, RegistryInfo, load_registries
from router.world.rdap import Mood, Registry
from schemas.trace import Basis
from tests.hosting.sources.whois_server import HOST, Mode, WhoisServer
from tests.loopback import Loopback

TULIP = ip_address("37.97.128.1")
#: RDAP says nothing of its own, but WHOIS may.
MUTE = (Mood.DRIP, Mood.HUGE, Mood.NOT_JSON, Mood.REDIRECT, Mood.NOT_FOUND, Mood.NO_RDAP)


@pytest.fixture
async def whois(net: Loopback) -> WhoisServer:
    return await WhoisServer().open(net)


@pytest.fixture
async def both(
    net: Loopback, registry: Registry, whois: WhoisServer, clock: StoryClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Rdap]:
    monkeypatch.setattr(rdap_module, "DEADLINE", 0.5)
    monkeypatch.setattr(whois_module, "DEADLINE", 0.5)
    info = RegistryInfo("ripencc", "RIPE NCC", "http://rdap.ripe.test/", 100, 1000, HOST, "-r {ip}")
    made = Rdap(await net.egress(), Registries([(info, ["0.0.0.0/1", "128.0.0.0/1"])]), clock)
    yield made
    await made.aclose()


async def test_where_rdap_names_the_country_whois_is_not_asked(both: Rdap, whois: WhoisServer) -> None:
    assert (await both.claims(TULIP, ()))[0].source == "rdap"
    assert whois.asked == []


async def test_a_country_that_rdap_leaves_out_is_named_by_whois(
    both: Rdap, registry: Registry, whois: WhoisServer
) -> None:
    registry.mood = Mood.NO_COUNTRY
    (evidence,) = await both.claims(TULIP, ())
    assert (evidence.source, evidence.claim.basis, evidence.claim.country) == ("whois", Basis.REGISTRATION, "NL")
    assert (evidence.prefix, evidence.detail) == ("37.97.128.0/17", "RIPE NCC: TULIP-HOSTING")
    assert both.contact(TULIP) == "abuse@tulip.test", "what RDAP did say stays"
    assert whois.asked == ["-r 37.97.128.1\r\n"]


@pytest.mark.parametrize("mood", MUTE)
async def test_a_registry_whose_rdap_is_mute_is_asked_by_whois(
    both: Rdap, registry: Registry, whois: WhoisServer, mood: Mood
) -> None:
    registry.mood = mood
    (evidence,) = await both.claims(TULIP, ())
    assert (evidence.source, evidence.claim.country, evidence.prefix) == ("whois", "NL", "37.97.128.0/17")
    await both.claims(TULIP, ())
    assert len(whois.asked) == 1, "its answer is kept as any other"


@pytest.mark.parametrize("mood", [Mood.TOO_MANY, Mood.UNAVAILABLE])
async def test_who_asks_us_to_wait_is_not_asked_through_another_door(
    both: Rdap, registry: Registry, whois: WhoisServer, mood: Mood
) -> None:
    registry.mood = mood
    with pytest.raises(EvidenceUnavailable):
        await both.claims(TULIP, ())
    assert whois.asked == []


@pytest.mark.parametrize("mode", [one for one in Mode if one is not Mode.OK])
async def test_trouble_is_quick_and_asked_once(
    both: Rdap, registry: Registry, whois: WhoisServer, net: Loopback, mode: Mode
) -> None:
    registry.mood, whois.mode = Mood.NOT_JSON, mode
    begun = asyncio.get_running_loop().time()
    with pytest.raises(EvidenceUnavailable) as refused:
        await both.claims(TULIP, ())
    assert asyncio.get_running_loop().time() - begun < 3
    assert len(whois.asked) == 1
    assert whois.sent < 8 * 1024 * 1024, "what is longer than any real answer is not read to its end"
    assert "37.97" not in refused.value.message
    assert "whois.evil.test" not in net.lookups, "a referral is not followed"


@pytest.mark.parametrize("mode", [Mode.NO_COUNTRY, Mode.NOTHING, Mode.DRIP])
async def test_what_rdap_said_stands_when_whois_says_no_more(
    both: Rdap, registry: Registry, whois: WhoisServer, mode: Mode
) -> None:
    registry.mood, whois.mode = Mood.NO_COUNTRY, mode
    (evidence,) = await both.claims(TULIP, ())
    assert (evidence.source, evidence.claim.country) == ("rdap", None)


async def test_a_registry_that_nobody_answers_for_is_left_alone_after_a_while(
    both: Rdap, registry: Registry, whois: WhoisServer, clock: StoryClock
) -> None:
    registry.mood, whois.mode = Mood.NOT_JSON, Mode.SILENT
    for block in range(7):
        with pytest.raises(EvidenceUnavailable):
            await both.claims(ip_address(f"37.97.{130 + block}.1"), ())
    assert (len(registry.asked), len(whois.asked)) == (5, 4), "by either door"
    registry.mood = Mood.OK
    with pytest.raises(EvidenceUnavailable):
        await both.claims(TULIP, ())
    clock.advance(timedelta(minutes=6))
    assert (await both.claims(TULIP, ()))[0].claim.country == "NL"


async def test_a_firewall_that_closes_port_43_leaves_rdap_alone(
    both: Rdap, registry: Registry, whois: WhoisServer
) -> None:
    registry.mood, whois.mode = Mood.NO_COUNTRY, Mode.SILENT
    found = await asyncio.gather(*(both.claims(ip_address(f"34.{block}.0.1"), ()) for block in range(8)))
    assert all(found)
    assert await both.claims(TULIP, ()), "RDAP is asked as before"
    assert (len(registry.asked), len(whois.asked)) == (9, 8), "and WHOIS is left alone for a while"


async def test_a_server_on_a_private_address_is_not_called(
    both: Rdap, registry: Registry, whois: WhoisServer, net: Loopback
) -> None:
    net.hosts[HOST] = [ip_address("10.0.0.7")]
    registry.mood = Mood.NOT_JSON
    with pytest.raises(EvidenceUnavailable):
        await both.claims(TULIP, ())
    assert whois.asked == []


def test_each_registry_is_asked_as_its_manual_says() -> None:
    asked = {info.name: info.whois_query.format(ip="192.0.2.1") for info in load_registries().all if info.whois}
    assert asked == {
        "afrinic": "-r 192.0.2.1",
        "apnic": "-r 192.0.2.1",
        "arin": "n + 192.0.2.1",
        "lacnic": "192.0.2.1",
        "ripencc": "-r 192.0.2.1",
    }
