"""Traces over the shipped data and a real name server on loopback."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta

import dns.edns
import dns.message
import pytest

from router.clock import StoryClock
from router.errors import EvidenceUnavailable
from router.hosting.dns.mux import Mux
from router.hosting.dns.resolve import ChainResolver
from router.hosting.known_names import KnownHosts
from router.hosting.location.url import read
from router.hosting.sources import EmbeddedSources
from router.hosting.sources.base import OnlineSource
from router.hosting.sources.registry.rdap import Rdap
from router.hosting.trace import Sources, Tracer
from schemas.trace import (
    Basis,
    Claim,
    DnsOutcome,
    Evidence,
    Ip,
    NamedOrigin,
    OnlineMode,
    Trace,
    VerdictKind,
)
from tests.hosting.dns.faulty_server import FaultyServer

Make = Callable[..., Tracer]
FRANKFURT, LONDON, CLOUDFLARE = "3.120.0.1", "51.140.1.1", "104.16.1.1"


def codes(trace: Trace) -> list[str]:
    return [reason.code for reason in trace.verdict.reasons]


class Registry:
    """An online source that says one country of everything, or nothing in time."""

    name = "rdap"
    roles = Rdap.roles

    def __init__(self, country: str | None) -> None:
        self.country = country
        self.asked: list[str] = []
        self.told: list[Sequence[Evidence]] = []

    async def claims(self, ip: Ip, so_far: Sequence[Evidence]) -> Sequence[Evidence]:
        self.asked.append(str(ip))
        self.told.append(so_far)
        if self.country is None:
            raise EvidenceUnavailable
        claim = Claim(basis=Basis.REGISTRATION, country=self.country)
        return (Evidence(source=self.name, claim=claim, as_of="2026-11-22", prefix=f"{ip}/32"),)


@pytest.fixture
async def make(
    embedded: EmbeddedSources, known: KnownHosts, clock: StoryClock, server: FaultyServer
) -> AsyncIterator[Make]:
    resolver = ChainResolver(Mux([("127.0.0.1", server.port)], timeout=0.1))

    def made(*online: OnlineSource, mode: OnlineMode = OnlineMode.NEVER) -> Tracer:
        contact = (lambda ip: f"abuse@{ip}.test") if online else (lambda _: None)
        return Tracer(Sources(embedded, known, resolver, online, contact), clock, mode=mode)

    yield made
    await resolver.aclose()


@pytest.fixture
def tracer(make: Make) -> Tracer:
    return make()


@pytest.mark.parametrize(
    ("url", "kind", "country"),
    [
        (f"http://{FRANKFURT}/", VerdictKind.COUNTRY, "DE"),
        (f"http://{LONDON}/", VerdictKind.COUNTRY, "GB"),
        (f"https://{CLOUDFLARE}/", VerdictKind.EDGE_ONLY, None),
    ],
)
async def test_an_address_needs_no_look_up(
    tracer: Tracer, server: FaultyServer, url: str, kind: VerdictKind, country: str | None
) -> None:
    trace = await tracer.trace(read(url))
    assert (trace.verdict.kind, trace.verdict.country) == (kind, country)
    assert trace.verdict == tracer.offline(read(url)).verdict
    assert len(trace.addresses) == 1
    assert len(trace.addresses[0].evidence) >= 2
    assert (trace.outcome, trace.names, trace.online) == (None, (), False)
    assert not server.asked


@pytest.mark.parametrize(
    ("url", "code", "host"),
    [
        ("http://example.onion/", "onion", "example.onion"),
        ("http://x.i2p/", "i2p", "x.i2p"),
        ("magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a", "magnet", None),
        ("ipfs://QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG/", "ipfs", None),
        ("http://intranet/", "not_a_name", "intranet"),
        ("http://foo:80/", "not_a_name", "foo"),
        ("http://0x7f.1/", "private_address", "127.0.0.1"),
    ],
)
async def test_what_is_not_traced_says_why_and_what_a_browser_would_contact(
    tracer: Tracer, server: FaultyServer, url: str, code: str, host: str | None
) -> None:
    trace = await tracer.trace(read(url))
    assert (trace.verdict.kind, codes(trace), trace.host) == (VerdictKind.NO_HOST, [code], host)
    assert not server.asked
    assert trace == tracer.offline(read(url))


async def test_a_private_address_is_its_own_evidence(tracer: Tracer) -> None:
    (address,) = (await tracer.trace(read("http://0x7f.1/"))).addresses
    assert address.ip == "127.0.0.1"
    assert address.evidence[0].claim.basis is Basis.SPECIAL


async def test_a_name_is_traced_through_its_chain(tracer: Tracer, server: FaultyServer) -> None:
    server.put("www.test", "CNAME", "web.test")
    server.put("web.test", "A", FRANKFURT)
    trace = await tracer.trace(read("http://www.test/x"))
    assert (trace.verdict.kind, trace.verdict.country) == (VerdictKind.COUNTRY, "DE")
    assert [(name.name, name.target) for name in trace.names][:2] == [("www.test", "web.test"), ("web.test", FRANKFURT)]
    assert (trace.outcome, trace.registrable_domain, trace.host) == (DnsOutcome.OK, "www.test", "www.test")


async def test_offline_a_name_stays_unresolved(tracer: Tracer, server: FaultyServer) -> None:
    trace = tracer.offline(read("http://www.test/"))
    assert (trace.verdict.kind, codes(trace)) == (VerdictKind.UNRESOLVED, ["offline"])
    assert not server.asked


async def test_all_addresses_count(tracer: Tracer, server: FaultyServer) -> None:
    server.put("both.test", "A", FRANKFURT, LONDON)
    trace = await tracer.trace(read("http://both.test/"))
    assert (trace.verdict.kind, trace.verdict.countries) == (VerdictKind.SPLIT, ("DE", "GB"))
    assert trace.verdict.country is None


async def test_a_cdn_in_the_chain_hides_the_host(tracer: Tracer, server: FaultyServer) -> None:
    server.put("shop.test", "CNAME", "d111.cloudfront.net")
    server.put("d111.cloudfront.net", "A", FRANKFURT)
    trace = await tracer.trace(read("http://shop.test/"))
    assert (trace.verdict.kind, codes(trace)[0]) == (VerdictKind.EDGE_ONLY, "edge_by_name")


def marked(code: int) -> Callable[[dns.message.Message], None]:
    """A resolver that says what it did with its answer (RFC 8914)."""
    return lambda reply: reply.use_edns(0, 0, 1232, options=[dns.edns.EDEOption(code)])


def without_zone(reply: dns.message.Message) -> None:
    reply.authority = []


async def test_gone_is_said_with_its_proof(tracer: Tracer, server: FaultyServer) -> None:
    trace = await tracer.trace(read("http://gone.test/"))
    assert (trace.outcome, trace.gone, codes(trace)) == (DnsOutcome.NXDOMAIN, True, ["nxdomain"])
    server.edits["bare.test"] = without_zone
    trace = await tracer.trace(read("http://bare.test/"))
    assert (trace.outcome, trace.gone, codes(trace)) == (DnsOutcome.NXDOMAIN, False, ["nxdomain", "unproven"])


@pytest.mark.parametrize("code", [4, 15, 16, 17, 18])
@pytest.mark.parametrize(("kind", "value"), [("NONE", ""), ("TXT", "x"), ("A", FRANKFURT)])
async def test_what_a_resolver_filters_is_unresolved_and_says_so(
    tracer: Tracer, server: FaultyServer, code: int, kind: str, value: str
) -> None:
    server.put("hidden.test", kind, value)
    server.edits["hidden.test"] = marked(code)
    trace = await tracer.trace(read("http://hidden.test/"))
    assert (trace.verdict.kind, codes(trace), trace.gone) == (VerdictKind.UNRESOLVED, ["filtered"], False)
    assert (trace.addresses, trace.verdict.country) == ((), None)
    assert (value in [name.target for name in trace.names]) == (kind == "A")  # shown to people


async def test_old_addresses_are_judged_and_noted(tracer: Tracer, server: FaultyServer) -> None:
    server.put("old.test", "A", FRANKFURT)
    server.edits["old.test"] = marked(3)
    trace = await tracer.trace(read("http://old.test/"))
    assert (trace.verdict.country, "stale_answer" in codes(trace)) == ("DE", True)


@pytest.mark.parametrize(
    ("fault", "outcome"), [("nxdomain", "nxdomain"), ("servfail", "servfail"), ("drop", "timeout"), ("", "nodata")]
)
async def test_outcomes_stay_distinct(tracer: Tracer, server: FaultyServer, fault: str, outcome: str) -> None:
    server.put("bad.test", "TXT", "x")
    server.faults["bad.test"] = fault
    trace = await tracer.trace(read("http://bad.test/"))
    assert (trace.verdict.kind, trace.outcome, codes(trace)[0]) == (VerdictKind.UNRESOLVED, outcome, outcome)


async def test_a_loop_is_told(tracer: Tracer, server: FaultyServer) -> None:
    server.put("a.test", "CNAME", "b.test")
    server.put("b.test", "CNAME", "a.test")
    assert codes(await tracer.trace(read("http://a.test/"))) == ["loop"]


async def test_private_addresses_only_is_no_host(tracer: Tracer, server: FaultyServer) -> None:
    server.put("in.test", "A", "10.0.0.1")
    trace = await tracer.trace(read("http://in.test/"))
    assert (trace.verdict.kind, trace.outcome) == (VerdictKind.NO_HOST, DnsOutcome.PRIVATE)
    assert codes(trace) == ["private_address"]


async def test_private_beside_public_is_noted(tracer: Tracer, server: FaultyServer) -> None:
    server.put("mixed.test", "A", FRANKFURT, "10.0.0.1")
    trace = await tracer.trace(read("http://mixed.test/"))
    assert (trace.verdict.kind, trace.verdict.country) == (VerdictKind.COUNTRY, "DE")
    assert "mixed_private" in codes(trace)
    assert {address.ip for address in trace.addresses} == {FRANKFURT, "10.0.0.1"}


@pytest.mark.parametrize(
    "url",
    ["https://www.instagram.com/p/x", "https://t.me/abc", "https://scontent.fbru5-1.fna.fbcdn.net/v/x.jpg"],
)
async def test_a_platform_speaks_before_dns(tracer: Tracer, server: FaultyServer, url: str) -> None:
    trace = await tracer.trace(read(url))
    assert (trace.verdict.kind, codes(trace)) == (VerdictKind.EDGE_ONLY, ["platform"])
    assert trace.platform
    assert trace.verdict.registration_country in {"US", "AE"}
    assert not server.asked


async def test_a_shortener_goes_to_people(tracer: Tracer, server: FaultyServer) -> None:
    trace = await tracer.trace(read("https://bit.ly/abc"))
    assert (trace.verdict.kind, codes(trace)) == (VerdictKind.UNRESOLVED, ["shortener"])
    assert not server.asked


async def test_parking_is_noted(tracer: Tracer, server: FaultyServer) -> None:
    server.put("old.test", "CNAME", "x.sedoparking.com")
    server.put("x.sedoparking.com", "A", FRANKFURT)
    assert "parked" in codes(await tracer.trace(read("http://old.test/")))


async def test_a_short_ttl_is_noted(tracer: Tracer, server: FaultyServer) -> None:
    server.put("a.test", "A", FRANKFURT)
    server.ttl = 5
    assert "low_ttl" in codes(await tracer.trace(read("http://a.test/")))
    server.ttl = 3600
    assert "low_ttl" not in codes(await tracer.trace(read("http://a.test/")))


async def test_addresses_that_wander_between_networks_are_fast_flux(
    tracer: Tracer, server: FaultyServer, clock: StoryClock
) -> None:
    server.ttl = 60
    homes = [
        "3.120.0.1",
        "51.140.1.1",
        "188.166.0.1",
        "37.97.128.1",
        "5.9.0.1",
        "51.15.0.1",
        "62.4.0.1",
        "94.23.0.1",
        "80.67.160.1",
        "46.101.0.1",
        "20.50.0.1",
        "34.90.0.1",
    ]
    seen = []
    for home in homes:
        server.put("flux.test", "A", home)
        seen.append("fast_flux" in codes(await tracer.trace(read("http://flux.test/"))))
        clock.advance(timedelta(minutes=5))
    assert not seen[0]
    assert seen[-1]


async def test_a_host_with_thousands_of_addresses_gets_a_verdict(tracer: Tracer, server: FaultyServer) -> None:
    server.put("many.test", "A", *[f"3.120.{number // 250}.{number % 250}" for number in range(4_000)])
    server.faults["many.test"] = "cut"
    trace = await tracer.trace(read("http://many.test/"))
    assert trace.verdict.kind is VerdictKind.COUNTRY
    assert "many_addresses" in codes(trace)
    assert len(trace.addresses) == 64


async def test_nobody_outside_is_asked_about_what_is_settled(make: Make) -> None:
    registry = Registry("US")
    tracer = make(registry, mode=OnlineMode.WHEN_DOUBTFUL)
    trace = await tracer.trace(read(f"http://{FRANKFURT}/"))
    assert (registry.asked, trace.online, trace.verdict.country) == ([], False, "DE")


async def test_a_call_may_ask_more_than_is_usual(make: Make) -> None:
    registry = Registry("US")
    tracer = make(registry, mode=OnlineMode.NEVER)
    trace = await tracer.trace(read(f"http://{FRANKFURT}/"), online=OnlineMode.ALWAYS)
    assert (registry.asked, trace.online) == ([FRANKFURT], True)
    assert trace.abuse_contact == f"abuse@{FRANKFURT}.test"
    assert "rdap" in {evidence.source for evidence in trace.addresses[0].evidence}
    assert {evidence.source for evidence in registry.told[0]} >= {"delegation", "asn"}


async def test_offline_never_asks(make: Make) -> None:
    registry = Registry("US")
    make(registry, mode=OnlineMode.ALWAYS).offline(read(f"http://{FRANKFURT}/"))
    assert registry.asked == []


async def test_a_silent_registry_is_a_reason_not_an_error(make: Make) -> None:
    tracer = make(Registry(None), mode=OnlineMode.ALWAYS)
    trace = await tracer.trace(read(f"http://{FRANKFURT}/"))
    assert trace.verdict.country == "DE"
    assert "source_silent" in codes(trace)


async def test_the_registration_can_be_what_counts(tracer: Tracer) -> None:
    here = await tracer.trace(read(f"http://{FRANKFURT}/"), basis="location")
    there = await tracer.trace(read(f"http://{FRANKFURT}/"), basis="registration")
    assert (here.verdict.country, there.verdict.country) == ("DE", here.verdict.registration_country)


async def test_without_a_resolver_names_are_never_looked_up(
    embedded: EmbeddedSources, known: KnownHosts, clock: StoryClock
) -> None:
    tracer = Tracer(Sources(embedded, known), clock)
    assert codes(await tracer.trace(read("http://a.test/"))) == ["offline"]
    assert (await tracer.trace(read(f"http://{LONDON}/"))).verdict.country == "GB"
    await tracer.aclose()


ORIGIN = NamedOrigin(addresses=(FRANKFURT,), by="cloudflare", on="2026-11-22")


async def test_a_named_origin_stands_in_for_the_edge(tracer: Tracer, server: FaultyServer) -> None:
    server.put("shop.test", "A", CLOUDFLARE)
    assert (await tracer.trace(read("http://shop.test/"))).verdict.kind is VerdictKind.EDGE_ONLY
    trace = await tracer.trace(read("http://shop.test/"), origin=ORIGIN)
    assert (trace.verdict.kind, trace.verdict.country) == (VerdictKind.COUNTRY, "DE")
    assert "origin_named" in codes(trace)
    assert (trace.host, [name.target for name in trace.names if name.target]) == ("shop.test", [CLOUDFLARE])
    (address,) = trace.addresses
    named = next(one for one in address.evidence if one.source == "origin")
    assert (address.ip, named.claim.basis, named.claim.country) == (FRANKFURT, Basis.ORIGIN, None)
    assert (named.as_of, named.detail) == ("2026-11-22", "cloudflare")


async def test_an_origin_changes_no_confidence(tracer: Tracer, server: FaultyServer) -> None:
    server.put("shop.test", "A", CLOUDFLARE)
    behind = await tracer.trace(read("http://shop.test/"), origin=ORIGIN)
    alone = await tracer.trace(read(f"http://{FRANKFURT}/"))
    assert behind.verdict.confidence == alone.verdict.confidence
    assert behind.addresses[0].pattern == alone.addresses[0].pattern


async def test_an_origin_counts_only_while_there_is_an_edge(tracer: Tracer, server: FaultyServer) -> None:
    server.put("shop.test", "A", LONDON)
    trace = await tracer.trace(read("http://shop.test/"), origin=ORIGIN)
    assert (trace.verdict.country, [one.ip for one in trace.addresses]) == ("GB", [LONDON])
    assert (await tracer.trace(read("http://gone.test/"), origin=ORIGIN)).outcome is DnsOutcome.NXDOMAIN


async def test_an_origin_that_is_an_edge_again_says_so(tracer: Tracer, server: FaultyServer) -> None:
    server.put("shop.test", "A", CLOUDFLARE)
    again = NamedOrigin(addresses=(CLOUDFLARE,), by="staff", on="2026-11-22")
    assert (await tracer.trace(read("http://shop.test/"), origin=again)).verdict.kind is VerdictKind.EDGE_ONLY


async def test_origins_in_two_countries_are_split(tracer: Tracer, server: FaultyServer) -> None:
    server.put("shop.test", "A", CLOUDFLARE)
    both = NamedOrigin(addresses=(FRANKFURT, LONDON), by="cloudflare", on="2026-11-22")
    trace = await tracer.trace(read("http://shop.test/"), origin=both)
    assert (trace.verdict.kind, trace.verdict.countries) == (VerdictKind.SPLIT, ("DE", "GB"))


async def test_an_origin_in_doubt_is_asked_about_as_any_address(make: Make, server: FaultyServer) -> None:
    server.put("shop.test", "A", CLOUDFLARE)
    silent, speaking = Registry(None), Registry("DE")
    trace = await make(silent, mode=OnlineMode.ALWAYS).trace(read("http://shop.test/"), origin=ORIGIN)
    assert "source_silent" in codes(trace)
    trace = await make(speaking, mode=OnlineMode.ALWAYS).trace(read("http://shop.test/"), origin=ORIGIN)
    assert (trace.online, trace.abuse_contact) == (True, f"abuse@{FRANKFURT}.test")
    assert speaking.asked[-1] == FRANKFURT
