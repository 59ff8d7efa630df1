"""Whatever registries, Team Cymru, holders' feeds and CDNs answer, a trace ends in a verdict, of the others if need be.

Every outside source is the real one; only the way out is replaced, by one that answers as Hypothesis says.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tenacity import wait_none

from router.clock import StoryClock
from router.errors import EgressRefused, NoAnswer, NotSent, RouterError
from router.guard.addresses import is_public
from router.guard.egress import HttpAnswer
from router.guard.retry_after import LONGEST_WAIT
from router.guard.target import Purpose
from router.hosting.known_names import KnownHosts
from router.hosting.location.url import read
from router.hosting.origin import Access, CloudflareOrigin, OriginAnswer, OriginOutcome
from router.hosting.sources import EmbeddedSources
from router.hosting.sources.cymru import Cymru
from router.hosting.sources.geofeed import Geofeed
from router.hosting.sources.registry import rdap as rdap_module
from router.hosting.sources.registry.rdap import Rdap
from router.hosting.sources.registry.registries import Registries, RegistryInfo
from router.hosting.trace import Sources, Tracer
from router.world.rdap import REGISTRATIONS, ip_network_object
from schemas.trace import NamedOrigin, OnlineMode, Trace
from tests.guard.test_retry_after import SAID
from tests.hosting.mutations import JSON, garbled, mutated, reshaped
from tests.hosting.sources.whois_server import RIPE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOST = "http://37.97.128.1/"
HONEST = ip_network_object(REGISTRATIONS[-1])
FEED = "37.97.128.0/17,NL,NL-NH,Amsterdam,\n37.97.128.0/24,,,,\n37.97.128.0/25,BE,,,\n"
ORIGIN = "20857 | 37.97.128.0/17 | NL | ripencc | 2012-01-10"
NETWORK = "20857 | NL | ripencc | 2001-08-07 | TULIP - Tulip hosting, NL"
REGISTRY = RegistryInfo("ripencc", "RIPE NCC", "https://rdap.ripe.test/", 1e6, 10**6, "whois.ripe.test")

FAILURES: st.SearchStrategy[RouterError] = st.sampled_from([NotSent(), NoAnswer(), EgressRefused()])
STATUSES = st.just(200) | st.sampled_from([200, 204, 206, 301, 302, 400, 404, 418, 429, 500, 501, 503, 599, 999])
HEADERS = st.fixed_dictionaries({}, optional={"Retry-After": SAID, "Location": st.text(max_size=30)})


def answers(bodies: st.SearchStrategy[bytes]) -> st.SearchStrategy[HttpAnswer | RouterError]:
    return st.builds(HttpAnswer, STATUSES, HEADERS, bodies) | FAILURES


def written(document: Any) -> bytes:
    return json.dumps(document).encode()


RDAP = answers(st.just(HONEST).flatmap(mutated).map(written) | JSON.map(written) | st.binary(max_size=60))
FEEDS = answers(st.just(FEED).flatmap(garbled).map(str.encode) | st.binary(max_size=60))
WHOIS = st.just(RIPE).flatmap(garbled).map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=60)
TEXTS = st.none() | st.lists(st.sampled_from([ORIGIN, NETWORK]).flatmap(garbled) | st.text(max_size=20), max_size=3)


@dataclass
class Outsiders:
    """The way out, and the name servers: each question gets the answer that was drawn for its kind."""

    rdap: HttpAnswer | RouterError
    feed: HttpAnswer | RouterError
    whois: bytes | RouterError
    texts: Sequence[str] | None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float,
        cap: int,
        purpose: Purpose,
    ) -> HttpAnswer:
        answer = self.feed if purpose is Purpose.GEOFEED else self.rdap
        if isinstance(answer, RouterError):
            raise answer
        return answer

    async def exchange(self, host: str, port: int, said: bytes, *, deadline: float, cap: int) -> bytes:
        if isinstance(self.whois, RouterError):
            raise self.whois
        return self.whois

    async def ask_text(self, name: str) -> tuple[str, ...] | None:
        return None if self.texts is None else tuple(self.texts)


OUTSIDERS = st.builds(Outsiders, RDAP, FEEDS, WHOIS | FAILURES, TEXTS)
NOBODY = Outsiders(NotSent(), NotSent(), NotSent(), None)
GOOD = HttpAnswer(200, {}, written(HONEST))
#: One of them lies, and the others are honest.
ONE_LIES = (
    st.builds(Outsiders, RDAP, st.just(HttpAnswer(200, {}, FEED.encode())), st.just(RIPE.encode()), st.just([ORIGIN]))
    | st.builds(Outsiders, st.just(GOOD), FEEDS, st.just(RIPE.encode()), st.just([ORIGIN]))
    | st.builds(Outsiders, st.just(GOOD), st.just(HttpAnswer(200, {}, FEED.encode())), WHOIS, TEXTS)
)


async def traced(outsiders: Outsiders, embedded: EmbeddedSources, known: KnownHosts) -> Trace:
    clock = StoryClock(NOW)
    rdap = Rdap(outsiders, Registries([(REGISTRY, ["0.0.0.0/1"])]), clock)
    online = (rdap, Cymru(outsiders, clock), Geofeed(outsiders, rdap, clock))
    try:
        tracer = Tracer(Sources(embedded, known, None, online, rdap.contact), clock, mode=OnlineMode.ALWAYS)
        return await tracer.trace(read(HOST))
    finally:
        await rdap.aclose()


@pytest.fixture(scope="module", autouse=True)
def no_pause_before_asking_again() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdap_module, "wait_fixed", lambda _: wait_none())
        yield


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(outsiders=OUTSIDERS | ONE_LIES)
async def test_whatever_outsiders_answer_the_verdict_is_made(
    outsiders: Outsiders, embedded: EmbeddedSources, known: KnownHosts
) -> None:
    trace = await traced(outsiders, embedded, known)
    without = await traced(NOBODY, embedded, known)
    (address,), (alone,) = trace.addresses, without.addresses
    said = [one for one in address.evidence if one.source not in {"rdap", "whois", "cymru", "geofeed"}]
    assert said == list(alone.evidence), "no answer takes away what the others say"
    # Our readers read it, or find nothing in it. The net below them is for what nobody foresaw.
    assert "source_unreadable" not in [reason.code for reason in trace.verdict.reasons]
    Trace.model_validate_json(trace.model_dump_json())


async def test_honest_answers_are_evidence(embedded: EmbeddedSources, known: KnownHosts) -> None:
    honest = Outsiders(GOOD, HttpAnswer(200, {}, FEED.encode()), RIPE.encode(), [ORIGIN])
    trace = await traced(honest, embedded, known)
    said = {one.source: (one.claim.country, one.prefix) for one in trace.addresses[0].evidence}
    assert said["rdap"] == ("NL", "37.97.128.0/17")
    assert said["geofeed"] == ("BE", "37.97.128.0/25")
    assert trace.abuse_contact == "abuse@tulip.test"


ORIGIN_NAMED = {
    "success": True,
    "errors": [{"code": 7, "message": "all requests for current day"}],
    "result": [{"isUsingCloudflare": True, "originIPv4": ["3.120.0.1"], "originIPv6": ["2a00:1450::1"]}],
}
NAMED = answers(st.just(ORIGIN_NAMED).flatmap(mutated).map(written) | JSON.map(written) | st.binary(max_size=60))


def test_every_member_of_a_cdns_answer_may_be_of_every_shape() -> None:
    lookup = CloudflareOrigin(NOBODY, Access("id", "secret"), StoryClock(NOW))
    for answer in reshaped(ORIGIN_NAMED):
        assert isinstance(lookup._read(written(answer)), OriginAnswer)


@given(answer=NAMED)
async def test_whatever_a_cdn_answers_it_names_public_addresses_or_none(answer: HttpAnswer | RouterError) -> None:
    lookup = CloudflareOrigin(Outsiders(answer, answer, b"", None), Access("id", "secret"), StoryClock(NOW))
    said = await lookup.origin("shop.test", "1")
    assert all(is_public(ip) for ip in said.addresses)
    assert bool(said.addresses) == (said.outcome is OriginOutcome.FOUND)
    assert said.retry_after is None or 0 <= said.retry_after <= LONGEST_WAIT
    if said.addresses:
        NamedOrigin(addresses=tuple(str(ip) for ip in said.addresses), by="cloudflare", on="2026-11-22")
