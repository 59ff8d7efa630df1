"""The registry in every mood, through the real guard; what it says is kept, and what it does wrong never hurts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web

from router.clock import StoryClock
from router.errors import EvidenceUnavailable
from router.hosting.sources.registry import rdap as rdap_module
from router.hosting.sources.registry.rdap import Rdap
from router.hosting.sources.registry.registries import Registries, RegistryInfo
from router.world.rdap import REGISTRATIONS, RETRY_AFTER, Mood, Registry, ip_network_object
from schemas.trace import Basis
from tests.loopback import Loopback

TULIP = ip_address("37.97.128.1")
NEIGHBOUR = ip_address("37.97.128.200")
NOBODY = ip_address("5.9.0.1")


async def test_where_a_network_is_registered(rdap: Rdap) -> None:
    (evidence,) = await rdap.claims(TULIP, ())
    assert (evidence.source, evidence.claim.basis, evidence.claim.country) == ("rdap", Basis.REGISTRATION, "NL")
    assert (evidence.prefix, evidence.as_of) == ("37.97.128.0/17", "2026-11-22")
    assert evidence.detail == "RIPE NCC: TULIP-HOSTING"
    assert rdap.contact(TULIP) == "abuse@tulip.test"


async def test_nobody_holds_it(rdap: Rdap, registry: Registry) -> None:
    assert await rdap.claims(NOBODY, ()) == ()
    assert await rdap.claims(NOBODY, ()) == ()
    assert rdap.contact(NOBODY) is None
    assert len(registry.asked) == 1, "an absence is kept too"


async def test_a_contact_is_never_asked_for(rdap: Rdap, registry: Registry) -> None:
    assert rdap.contact(TULIP) is None
    assert registry.asked == []


@pytest.mark.parametrize("mood", [Mood.NO_HANDLE, Mood.NO_COUNTRY])
async def test_incomplete_answers_are_read_as_far_as_they_go(rdap: Rdap, registry: Registry, mood: Mood) -> None:
    registry.mood = mood
    (evidence,) = await rdap.claims(TULIP, ())
    assert evidence.claim.country == (None if mood is Mood.NO_COUNTRY else "NL")
    assert rdap.contact(TULIP) == "abuse@tulip.test"


@pytest.mark.parametrize("mood", [Mood.TOO_MANY, Mood.UNAVAILABLE, Mood.REDIRECT, Mood.DRIP, Mood.HUGE, Mood.NOT_JSON])
async def test_trouble_is_quick_and_asked_once(
    rdap: Rdap, registry: Registry, mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdap_module, "DEADLINE", 0.5)
    registry.mood = mood
    begun = asyncio.get_running_loop().time()
    with pytest.raises(EvidenceUnavailable) as refused:
        await rdap.claims(TULIP, ())
    assert asyncio.get_running_loop().time() - begun < 2
    assert len(registry.asked) == 1
    assert "37.97" not in refused.value.message


async def test_neighbours_share_an_answer(rdap: Rdap, registry: Registry) -> None:
    await rdap.claims(TULIP, ())
    await rdap.claims(NEIGHBOUR, ())
    assert registry.asked == [str(TULIP)]


async def test_a_hundred_at_once_ask_once(rdap: Rdap, registry: Registry) -> None:
    answers = await asyncio.gather(*(rdap.claims(TULIP, ()) for _ in range(100)))
    assert {answer[0].claim.country for answer in answers} == {"NL"}
    assert len(registry.asked) == 1


async def test_an_answer_is_renewed_after_a_day(rdap: Rdap, registry: Registry, clock: StoryClock) -> None:
    await rdap.claims(TULIP, ())
    clock.advance(timedelta(hours=25))
    (evidence,) = await rdap.claims(TULIP, ())
    assert len(registry.asked) == 2
    assert evidence.as_of == "2026-11-23"


async def test_an_old_answer_is_better_than_none_and_says_its_age(
    rdap: Rdap, registry: Registry, clock: StoryClock
) -> None:
    await rdap.claims(TULIP, ())
    registry.mood = Mood.UNAVAILABLE
    clock.advance(timedelta(days=3))
    (evidence,) = await rdap.claims(TULIP, ())
    assert (evidence.claim.country, evidence.as_of) == ("NL", "2026-11-22")
    clock.advance(timedelta(days=6))
    with pytest.raises(EvidenceUnavailable):
        await rdap.claims(TULIP, ())


async def test_retry_after_is_obeyed(rdap: Rdap, registry: Registry, clock: StoryClock) -> None:
    registry.mood = Mood.TOO_MANY
    with pytest.raises(EvidenceUnavailable):
        await rdap.claims(TULIP, ())
    registry.mood = Mood.OK
    clock.advance(timedelta(seconds=RETRY_AFTER - 1))
    with pytest.raises(EvidenceUnavailable):
        await rdap.claims(TULIP, ())
    assert len(registry.asked) == 1
    clock.advance(timedelta(seconds=2))
    assert await rdap.claims(TULIP, ())


async def test_each_registry_has_its_pace(net: Loopback, registry: Registry, clock: StoryClock) -> None:
    slow = Registries([(RegistryInfo("slow", "Slow", "http://rdap.ripe.test/", 0.1, 2), ["0.0.0.0/1"])])
    rdap = Rdap(await net.egress(), slow, clock)
    for block in range(2):
        await rdap.claims(ip_address(f"5.9.{block}.1"), ())
    with pytest.raises(EvidenceUnavailable):
        await rdap.claims(ip_address("5.9.9.1"), ())
    assert len(registry.asked) == 2
    clock.advance(timedelta(seconds=11))
    await rdap.claims(ip_address("5.9.9.1"), ())
    await rdap.aclose()


async def test_an_address_of_no_registry_is_asked_of_nobody(net: Loopback, clock: StoryClock) -> None:
    rdap = Rdap(await net.egress(), Registries([]), clock)
    assert await rdap.claims(TULIP, ()) == ()
    assert net.lookups == []
    await rdap.aclose()


@pytest.fixture
async def two(net: Loopback, registry: Registry, clock: StoryClock) -> AsyncIterator[tuple[Rdap, list[str]]]:
    """Two registries over TLS; the first sends elsewhere, to wherever the list says."""
    location = [""]

    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=303, headers={"Location": location[0]})

    async def holder(_: web.Request) -> web.Response:
        return web.json_response(ip_network_object(REGISTRATIONS[-1]))

    await net.serve("rdap.arin.test", elsewhere, ip="199.5.26.1")
    await net.serve("rdap.ripe.test", holder, ip="193.0.6.139")
    net.hosts["rdap.ripe.test"] = net.hosts["rdap.ripe.test"][-1:]
    arin = RegistryInfo("arin", "ARIN", "https://rdap.arin.test/registry/", 100, 100)
    ripe = RegistryInfo("ripencc", "RIPE NCC", "https://rdap.ripe.test/", 100, 100)
    rdap = Rdap(await net.egress(), Registries([(arin, ["0.0.0.0/1"]), (ripe, ["128.0.0.0/1"])]), clock)
    yield rdap, location
    await rdap.aclose()


async def test_one_registry_may_send_to_another(two: tuple[Rdap, list[str]]) -> None:
    rdap, location = two
    location[0] = "https://rdap.ripe.test/whatever/path?x"
    (evidence,) = await rdap.claims(TULIP, ())
    assert evidence.claim.country == "NL"


@pytest.mark.parametrize(
    "there", ["https://rdap.arin.test/registry/ip/37.97.128.1", "https://evil.test/", "http://rdap.ripe.test/", ""]
)
async def test_and_to_nowhere_else(two: tuple[Rdap, list[str]], net: Loopback, there: str) -> None:
    rdap, location = two
    location[0] = there
    with pytest.raises(EvidenceUnavailable):
        await rdap.claims(TULIP, ())
    assert set(net.lookups) == {"rdap.arin.test"}


async def test_no_connection_is_tried_twice_and_no_more(
    net: Loopback, registries: Registries, clock: StoryClock, tmp_path: Path
) -> None:
    rdap = Rdap(await net.egress(), registries, clock)  # no server was started, and the name has no address
    with pytest.raises(EvidenceUnavailable):
        await rdap.claims(TULIP, ())
    assert net.lookups == ["rdap.ripe.test"] * 2
    await rdap.aclose()
