"""The registry answers as RFC 9083 says, and misbehaves in each way that its tests need."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from router.world.ca import Authority
from router.world.rdap import HUGE, RETRY_AFTER, Mood, Registry


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with Registry() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_network_is_found_by_an_address_in_it(registry: Registry, http: aiohttp.ClientSession) -> None:
    async with http.get(registry.url + "ip/188.166.40.20") as answer:
        assert answer.content_type == "application/rdap+json"
        network = await answer.json(content_type=None)
    assert (network["startAddress"], network["endAddress"]) == ("188.166.0.0", "188.166.255.255")
    assert (network["country"], network["ipVersion"]) == ("US", "v4")
    assert registry.asked == ["188.166.40.20"]


async def test_any_path_before_ip_is_taken_and_ipv6_too(registry: Registry, http: aiohttp.ClientSession) -> None:
    async with http.get(registry.url + "rdap/v1/ip/2604:a880:cad:d0::10") as answer:
        assert (await answer.json(content_type=None))["ipVersion"] == "v6"


async def test_the_abuse_desk_stands_inside_the_holder(registry: Registry, http: aiohttp.ClientSession) -> None:
    async with http.get(registry.url + "ip/188.166.40.20") as answer:
        (holder,) = (await answer.json(content_type=None))["entities"]
    assert holder["roles"] == ["registrant"]
    assert holder["entities"][0]["vcardArray"][1][1] == ["email", {}, "text", "abuse@ocean.test"]


async def test_a_holder_can_point_to_its_geofeed(registry: Registry, http: aiohttp.ClientSession) -> None:
    async with http.get(registry.url + "ip/37.97.254.10") as answer:
        network = await answer.json(content_type=None)
    assert [link["href"] for link in network["links"]] == ["https://feeds.tulip.test/geofeed.csv"]
    assert "geofeed1" in network["rdapConformance"]


@pytest.mark.parametrize(
    ("mood", "status", "header"),
    [
        (Mood.TOO_MANY, 429, ("Retry-After", str(RETRY_AFTER))),
        (Mood.UNAVAILABLE, 503, None),
        (Mood.REDIRECT, 302, None),
        (Mood.NOT_FOUND, 404, None),
    ],
)
async def test_a_registry_in_trouble_answers_so(
    registry: Registry,
    http: aiohttp.ClientSession,
    mood: Mood,
    status: int,
    header: tuple[str, str] | None,
) -> None:
    registry.mood = mood
    async with http.get(registry.url + "ip/188.166.40.20", allow_redirects=False) as answer:
        assert answer.status == status
        assert header is None or answer.headers[header[0]] == header[1]
        assert mood is not Mood.REDIRECT or answer.headers["Location"] == str(answer.url)


@pytest.mark.parametrize("asked", ["ip/8.8.8.8", "ip/not-an-address"])
async def test_what_is_not_registered_is_not_found(registry: Registry, http: aiohttp.ClientSession, asked: str) -> None:
    async with http.get(registry.url + asked) as answer:
        assert answer.status == 404


async def test_a_network_may_name_no_country(registry: Registry, http: aiohttp.ClientSession) -> None:
    registry.mood = Mood.NO_COUNTRY
    async with http.get(registry.url + "ip/188.166.40.20") as answer:
        assert "country" not in await answer.json(content_type=None)


async def test_entities_may_lack_their_handle(registry: Registry, http: aiohttp.ClientSession) -> None:
    registry.mood = Mood.NO_HANDLE
    async with http.get(registry.url + "ip/188.166.40.20") as answer:
        (holder,) = (await answer.json(content_type=None))["entities"]
    assert "handle" not in holder
    assert "handle" not in holder["entities"][0]


async def test_it_may_not_be_json_at_all(registry: Registry, http: aiohttp.ClientSession) -> None:
    registry.mood = Mood.NOT_JSON
    async with http.get(registry.url + "ip/188.166.40.20") as answer:
        assert (await answer.text()).startswith("<html>")


async def test_a_drip_outlasts_any_patience(registry: Registry, http: aiohttp.ClientSession) -> None:
    registry.mood = Mood.DRIP
    async with http.get(registry.url + "ip/188.166.40.20") as answer:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.25):
                await answer.read()


async def test_a_huge_answer_goes_on_and_on(registry: Registry, http: aiohttp.ClientSession) -> None:
    registry.mood = Mood.HUGE
    read = 0
    async with http.get(registry.url + "ip/188.166.40.20") as answer:
        async for part in answer.content.iter_any():
            read += len(part)
            if read > 8 * 1024 * 1024:
                break
        answer.close()
    assert 8 * 1024 * 1024 < read < HUGE


async def test_it_answers_over_https_too(authority: Authority, http: aiohttp.ClientSession) -> None:
    async with Registry(context=authority.issue("127.0.0.1").server_context()) as registry:
        assert registry.url.startswith("https://")
        async with http.get(registry.url + "ip/34.140.10.10", ssl=authority.client_context()) as answer:
            assert (await answer.json(content_type=None))["name"] == "BIG-CLOUD"
