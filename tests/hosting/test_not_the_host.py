"""What is not the host is never traced as the host: gateways, links that only carry another location, copies."""

from collections.abc import AsyncIterator

import pytest

from router.clock import StoryClock
from router.hosting.dns.mux import Mux
from router.hosting.dns.resolve import ChainResolver
from router.hosting.known_names import KnownHosts
from router.hosting.location.url import read
from router.hosting.sources import EmbeddedSources
from router.hosting.trace import Sources, Tracer
from schemas.trace import OnlineMode, Trace, VerdictKind
from tests.hosting.dns.faulty_server import FaultyServer

FRANKFURT = "3.120.0.1"


@pytest.fixture
async def tracer(
    embedded: EmbeddedSources, known: KnownHosts, clock: StoryClock, server: FaultyServer
) -> AsyncIterator[Tracer]:
    resolver = ChainResolver(Mux([("127.0.0.1", server.port)], timeout=0.1))
    yield Tracer(Sources(embedded, known, resolver), clock, mode=OnlineMode.NEVER)
    await resolver.aclose()


def codes(trace: Trace) -> list[str]:
    return [reason.code for reason in trace.verdict.reasons]


@pytest.mark.parametrize(
    ("url", "code", "host"),
    [
        ("https://abc.onion.ws/", "onion_gateway", "abc.onion.ws"),
        ("https://expyuzz4wqqyqhjn.onion.gate.test/a", "onion_gateway", "expyuzz4wqqyqhjn.onion.gate.test"),
        ("https://gate.test/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", "ipfs_gateway", "gate.test"),
    ],
)
async def test_a_gateway_is_never_traced_as_the_host(
    tracer: Tracer, server: FaultyServer, url: str, code: str, host: str
) -> None:
    trace = await tracer.trace(read(url))
    assert (trace.verdict.kind, codes(trace), trace.host) == (VerdictKind.NO_HOST, [code], host)
    assert trace == tracer.offline(read(url))
    assert not server.asked


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.test%2Fx", []),
        ("https://unknown.test/out?to=https%3A%2F%2Fevil.test%2Fx", []),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fevil.test%2Fx", []),  # a platform, and its link is none
        ("https://evil-test.cdn.ampproject.org/c/s/evil.test/x", ["serves_copy"]),
    ],
)
async def test_a_link_that_carries_a_location_names_it_and_is_never_traced(
    tracer: Tracer, server: FaultyServer, url: str, more: list[str]
) -> None:
    trace = await tracer.trace(read(url))
    assert (trace.verdict.kind, codes(trace)) == (VerdictKind.UNRESOLVED, ["link_wrapper", *more])
    assert (trace.verdict.leads_to, trace.verdict.country, trace.platform) == ("https://evil.test/x", None, None)
    assert trace == tracer.offline(read(url))
    assert not server.asked


async def test_a_link_that_does_not_say_where_it_leads_goes_to_people(tracer: Tracer) -> None:
    trace = await tracer.trace(read("https://dsc.gg/abc"))
    assert (codes(trace), trace.verdict.leads_to) == (["link_wrapper", "inner_unknown"], None)


async def test_a_copy_whose_inner_location_has_a_case_is_traced_as_itself(tracer: Tracer, server: FaultyServer) -> None:
    server.put("copies.test", "A", FRANKFURT)
    copy = read("https://copies.test/img?url=https%3A%2F%2Fevil.test%2Fx.jpg")
    assert (await tracer.trace(copy)).verdict.kind is VerdictKind.UNRESOLVED
    itself = await tracer.trace(copy.model_copy(update={"itself": True}))
    assert (itself.verdict.country, itself.verdict.leads_to) == ("DE", None)


async def test_an_address_may_carry_a_location_too(tracer: Tracer) -> None:
    locator = read(f"http://{FRANKFURT}/?url=https%3A%2F%2Fevil.test%2Fx")
    assert tracer.judged(locator) is None, "a bulk run answers as any other"
    assert codes(tracer.offline(locator)) == ["link_wrapper"]
    assert tracer.judged(read(f"http://{FRANKFURT}/")) is not None


@pytest.mark.parametrize(
    ("url", "short"),
    [
        ("http://host7.example.org/a/7", True),
        ("https://www.instagram.com/x", False),
        ("https://bit.ly/x", False),
        ("https://dsc.gg/abc", False),
        ("https://copies.test/img?url=https%3A%2F%2Fevil.test%2Fx.jpg", False),
        ("http://x7.onion/", False),
        ("http://10.0.0.1/", False),
        (f"http://{FRANKFURT}/", False),
        ("magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a", False),
    ],
)
def test_a_bulk_run_takes_the_short_way_for_a_name_that_says_nothing(tracer: Tracer, url: str, short: bool) -> None:
    locator = read(url)
    unknown, trace = tracer.unknown(locator), tracer.offline(locator)
    assert (unknown is not None) == short
    if short:
        assert (unknown, (), ()) == (trace.verdict, trace.names, trace.addresses)
