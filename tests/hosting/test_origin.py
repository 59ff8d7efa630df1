"""Cloudflare's origin look-up, spoken to over real TLS on loopback through the real guard."""

from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from router.clock import StoryClock
from router.errors import BadInput
from router.hosting.origin import Access, CloudflareOrigin, Origin, OriginOutcome
from tests.loopback import Loopback

ACCESS = Access("the-id", "the-secret", daily_quota=3)
QUOTA_ERROR = {"code": 1, "message": "All requests for current day used."}


class Cloudflare:
    """The look-up's server: answers with what it is told to, and remembers the requests."""

    def __init__(self) -> None:
        self.said: Any = None
        self.status = 200
        self.headers: dict[str, str] = {}
        self.requests: list[web.Request] = []

    def say(self, *results: dict[str, Any], success: bool = True, errors: tuple[dict[str, Any], ...] = ()) -> None:
        self.said = {"success": success, "errors": list(errors), "result": list(results)}

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        if isinstance(self.said, str):
            return web.Response(text=self.said, status=self.status)
        return web.json_response(self.said, status=self.status, headers=self.headers)


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


@pytest.fixture
async def cloudflare(net: Loopback) -> Cloudflare:
    made = Cloudflare()
    made.say({"isUsingCloudflare": True, "originIPv4": ["3.120.0.1"], "originIPv6": ["2a00:1450::1"]})
    await net.serve("trust.cloudflare.com", made.answer, ip="104.16.1.1")
    return made


@pytest.fixture
async def lookup(net: Loopback, cloudflare: Cloudflare, clock: StoryClock) -> CloudflareOrigin:
    return CloudflareOrigin(await net.egress(), ACCESS, clock)


async def test_the_origins_addresses(lookup: CloudflareOrigin, cloudflare: Cloudflare) -> None:
    origin = await lookup.origin("shop.test", "case/17")
    assert origin == Origin(OriginOutcome.FOUND, (ip_address("3.120.0.1"), ip_address("2a00:1450::1")))
    (request,) = cloudflare.requests
    assert request.raw_path == "/investigation/v1/case%2F17/origin?hostname=shop.test"
    assert request.headers["CF-Access-Client-ID"] == "the-id"
    assert request.headers["CF-Access-Client-Secret"] == "the-secret"
    assert request.method == "GET"


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
    assert await lookup.origin("shop.test", "1") == Origin(OriginOutcome.UNAVAILABLE, retry_after=60.0)
    cloudflare.status = 200
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.UNAVAILABLE
    assert len(cloudflare.requests) == 1
    clock.advance(timedelta(seconds=61))
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.FOUND


async def test_nobody_there(net: Loopback, clock: StoryClock) -> None:
    lookup = CloudflareOrigin(await net.egress(), ACCESS, clock)
    assert (await lookup.origin("shop.test", "1")).outcome is OriginOutcome.UNAVAILABLE


async def test_half_a_token_is_refused_and_a_whole_one_never_shown(net: Loopback, clock: StoryClock) -> None:
    with pytest.raises(BadInput, match="both parts"):
        CloudflareOrigin(await net.egress(), Access("id", ""), clock)
    assert "the-secret" not in repr(ACCESS)
