"""Cloudflare's origin look-up, spoken to over real TLS on loopback through the real guard."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from router.clock import StoryClock
from router.errors import BadInput
from router.hosting.origin import Access, CloudflareOrigin, OriginAnswer, OriginOutcome
from router.hosting.sources import EmbeddedSources
from schemas.trace import Address, NameRecord, Trace, Verdict, VerdictKind
from tests.cloudflare import CLIENT_ID, QUOTA_ERROR, SECRET, Cloudflare
from tests.loopback import Loopback

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ACCESS = Access(CLIENT_ID, SECRET, daily_quota=3)


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


@pytest.fixture
async def cloudflare(net: Loopback) -> Cloudflare:
    return await Cloudflare({"shop.test": ["3.120.0.1", "2a00:1450::1"]}).open(net)


@pytest.fixture
async def lookup(net: Loopback, cloudflare: Cloudflare, clock: StoryClock) -> CloudflareOrigin:
    return CloudflareOrigin(await net.egress(), ACCESS, clock)


async def test_the_origins_addresses(lookup: CloudflareOrigin, cloudflare: Cloudflare) -> None:
    origin = await lookup.origin("shop.test", "case/17")
    assert origin == OriginAnswer(OriginOutcome.FOUND, (ip_address("3.120.0.1"), ip_address("2a00:1450::1")))
    (request,) = cloudflare.requests
    assert request.raw_path == "/investigation/v1/case%2F17/origin?hostname=shop.test"
    assert request.headers["CF-Access-Client-ID"] == "the-id"
    assert request.headers["CF-Access-Client-Secret"] == "the-secret"
    assert (request.method, cloudflare.broken_rules) == ("GET", [])


async def test_errors_beside_a_good_result_do_not_hide_it(lookup: CloudflareOrigin, cloudflare: Cloudflare) -> None:
    cloudflare.say(
        {"isUsingCloudflare": True, "originIPv4": ["3.120.0.1"]}, errors=({"code": 7, "message": "partial"},)
    )
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.FOUND


@pytest.mark.parametrize(
    ("results", "success", "outcome"),
    [
        ([{"isUsingCloudflare": False}], True, OriginOutcome.NOT_BEHIND),
        ([{"isUsingCloudflare": True, "originIPv4": []}], True, OriginOutcome.UNKNOWN),
        ([], True, OriginOutcome.UNKNOWN),
        ([], False, OriginOutcome.UNAVAILABLE),
        ([{"isUsingCloudflare": True, "originIPv4": ["10.0.0.1", "nonsense", 7]}], True, OriginOutcome.UNKNOWN),
        (["text"], True, OriginOutcome.UNKNOWN),
    ],
)
async def test_what_is_no_address(
    lookup: CloudflareOrigin, cloudflare: Cloudflare, results: list[Any], success: bool, outcome: OriginOutcome
) -> None:
    cloudflare.say(*results, success=success)
    assert (await lookup.origin("shop.test", "1")).outcome is outcome


@pytest.mark.parametrize("said", ["<html>", "[]", '"text"', ""])
async def test_what_is_no_answer(lookup: CloudflareOrigin, cloudflare: Cloudflare, said: str) -> None:
    cloudflare.said = said
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.UNAVAILABLE


@pytest.mark.parametrize("status", [401, 403])
async def test_credentials_that_are_not_taken(lookup: CloudflareOrigin, cloudflare: Cloudflare, status: int) -> None:
    cloudflare.status = status
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.REFUSED


async def test_the_days_quota_is_kept_and_renewed(
    lookup: CloudflareOrigin, cloudflare: Cloudflare, clock: StoryClock
) -> None:
    outcomes = [(await lookup.origin("shop.test", "1")).outcome for _ in range(5)]
    assert outcomes == [OriginOutcome.FOUND] * 3 + [OriginOutcome.QUOTA] * 2
    assert len(cloudflare.requests) == 3
    clock.advance(timedelta(days=1))
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.FOUND


async def test_their_count_of_the_quota_is_the_one_that_counts(
    lookup: CloudflareOrigin, cloudflare: Cloudflare
) -> None:
    cloudflare.say(success=True, errors=(QUOTA_ERROR,))
    outcomes = [(await lookup.origin("shop.test", "1")).outcome for _ in range(2)]
    assert outcomes == [OriginOutcome.QUOTA] * 2
    assert len(cloudflare.requests) == 1


async def test_retry_after_is_obeyed(lookup: CloudflareOrigin, cloudflare: Cloudflare, clock: StoryClock) -> None:
    cloudflare.status, cloudflare.headers = 429, {"Retry-After": "60"}
    assert await lookup.origin("shop.test", "1") == OriginAnswer(OriginOutcome.UNAVAILABLE, retry_after=60.0)
    cloudflare.status = 200
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.UNAVAILABLE
    assert len(cloudflare.requests) == 1
    clock.advance(timedelta(seconds=61))
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.FOUND


async def test_nobody_there(net: Loopback, clock: StoryClock) -> None:
    lookup = CloudflareOrigin(await net.egress(), ACCESS, clock)
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.UNAVAILABLE


async def test_one_that_fails_is_left_alone_for_a_while(
    lookup: CloudflareOrigin, cloudflare: Cloudflare, clock: StoryClock
) -> None:
    cloudflare.said = "<html>"
    for _ in range(5):
        await lookup.origin("shop.test", "1")
        clock.advance(timedelta(seconds=2))
        lookup._asked = 0  # the day's quota is not what is tested here
    cloudflare.say({"isUsingCloudflare": False})
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.UNAVAILABLE
    assert len(cloudflare.requests) == 5
    clock.advance(timedelta(minutes=5))
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.NOT_BEHIND


async def test_a_question_that_waits_its_turn_does_not_count_for_the_day(
    lookup: CloudflareOrigin, cloudflare: Cloudflare, clock: StoryClock
) -> None:
    lookup._quota = 7
    outcomes = [(await lookup.origin("shop.test", "1")).outcome for _ in range(7)]
    assert outcomes == [OriginOutcome.FOUND] * 5 + [OriginOutcome.BUSY] * 2
    assert await lookup.origin("shop.test", "1") == OriginAnswer(OriginOutcome.BUSY, retry_after=3.0), (
        "two are before it"
    )
    clock.advance(timedelta(seconds=5))
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.FOUND
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.FOUND
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.QUOTA


def edge(
    operator: str = "Cloudflare", *, is_edge: bool = True, names: bool = True, host: str | None = "shop.test"
) -> Trace:
    record = NameRecord(name="shop.test", type="A", target="104.16.1.1", ttl=300)
    address = Address(ip="104.16.1.1", operator=operator, edge=is_edge)
    verdict = Verdict(kind=VerdictKind.EDGE_ONLY)
    return Trace(host=host, traced_at=NOW, verdict=verdict, names=(record,) if names else (), addresses=(address,))


async def test_it_is_asked_about_its_own_edges_by_name_only(lookup: CloudflareOrigin) -> None:
    assert lookup.serves(edge())
    assert not lookup.serves(edge("Fastly"))
    assert not lookup.serves(edge(is_edge=False))
    assert not lookup.serves(edge(names=False, host="104.16.1.1"))
    assert not lookup.serves(edge(names=False, host=None))


async def test_our_data_name_its_edges_as_it_does(embedded: EmbeddedSources) -> None:
    address = embedded.address(ip_address("104.16.1.1"))
    assert (address.edge, address.operator) == (True, CloudflareOrigin.operator)


async def test_half_a_token_is_refused_and_a_whole_one_never_shown(net: Loopback, clock: StoryClock) -> None:
    with pytest.raises(BadInput, match="both parts"):
        CloudflareOrigin(await net.egress(), Access("id", ""), clock)
    assert "the-secret" not in repr(ACCESS)
