"""The seven outcomes and the chain, through both ways of asking, against a server that speaks the protocol."""

from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from router.hosting.dns.answer import A, Answer, Asker, Found
from router.hosting.dns.mux import Mux
from router.hosting.dns.plain import PlainAsker
from router.hosting.dns.resolve import LONGEST_CHAIN, MOST_ADDRESSES, ChainResolver, Resolution
from schemas.trace import DnsOutcome
from tests.hosting.dns.faulty_server import FaultyServer


@pytest.fixture(params=["mux", "plain"])
async def resolver(request: pytest.FixtureRequest, server: FaultyServer) -> AsyncIterator[ChainResolver]:
    servers = [("127.0.0.1", server.port)]
    asker: Asker = Mux(servers, timeout=0.4) if request.param == "mux" else PlainAsker(servers, timeout=1.0)
    made = ChainResolver(asker)
    yield made
    await made.aclose()


def steps(resolution: Resolution) -> list[tuple[str, str, str | None, str]]:
    return [(record.name, record.type, record.target, record.outcome.value) for record in resolution.names]


async def test_all_addresses_of_both_families(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("a.test", "A", "3.120.0.1", "51.140.1.1")
    server.put("a.test", "AAAA", "2a00:1450:4001::1")
    found = await resolver.resolve("a.test")
    assert found.outcome is DnsOutcome.OK
    assert set(found.addresses) == {ip_address(ip) for ip in ("3.120.0.1", "51.140.1.1", "2a00:1450:4001::1")}
    assert found.min_ttl == 60
    assert found.notes == ()


async def test_a_host_with_ipv6_only_is_found(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("six.test", "AAAA", "2a00:1450:4001::1")
    found = await resolver.resolve("six.test")
    assert (found.outcome, len(found.addresses)) == (DnsOutcome.OK, 1)
    assert ("six.test", "A", None, "nodata") in steps(found)


async def test_every_step_of_a_chain_is_kept(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("www.test", "CNAME", "edge.cdn.test")
    server.put("edge.cdn.test", "CNAME", "pop.cdn.test")
    server.put("pop.cdn.test", "A", "3.120.0.1")
    found = await resolver.resolve("www.test")
    assert steps(found)[:2] == [
        ("www.test", "CNAME", "edge.cdn.test", "ok"),
        ("edge.cdn.test", "CNAME", "pop.cdn.test", "ok"),
    ]
    assert ("pop.cdn.test", "A", "3.120.0.1", "ok") in steps(found)


async def test_a_chain_is_followed_where_an_answer_stops(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("www.test", "CNAME", "far.test")
    server.faults["www.test"] = "bare"
    server.put("far.test", "A", "3.120.0.1")
    found = await resolver.resolve("www.test")
    assert found.addresses == (ip_address("3.120.0.1"),)
    assert server.asked["far.test A"] == 1


async def test_a_name_that_does_not_exist(resolver: ChainResolver) -> None:
    found = await resolver.resolve("gone.test")
    assert (found.outcome, found.min_ttl) == (DnsOutcome.NXDOMAIN, 90)
    assert steps(found) == [("gone.test", "A", None, "nxdomain"), ("gone.test", "AAAA", None, "nxdomain")]


async def test_an_alias_to_nothing_says_which_name_is_gone(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("www.test", "CNAME", "gone.test")
    found = await resolver.resolve("www.test")
    assert found.outcome is DnsOutcome.NXDOMAIN
    assert ("gone.test", "A", None, "nxdomain") in steps(found)


async def test_a_name_without_addresses(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("mail.test", "TXT", "x")
    assert (await resolver.resolve("mail.test")).outcome is DnsOutcome.NODATA


@pytest.mark.parametrize("fault", ["servfail", "refused"])
async def test_a_failing_server(resolver: ChainResolver, server: FaultyServer, fault: str) -> None:
    server.faults["bad.test"] = fault
    assert (await resolver.resolve("bad.test")).outcome is DnsOutcome.SERVFAIL


async def test_a_silent_server(resolver: ChainResolver, server: FaultyServer) -> None:
    server.faults["slow.test"] = "drop"
    assert (await resolver.resolve("slow.test")).outcome is DnsOutcome.TIMEOUT


async def test_a_loop(resolver: ChainResolver, server: FaultyServer) -> None:
    for name, target in (("a.test", "b.test"), ("b.test", "c.test"), ("c.test", "a.test")):
        server.put(name, "CNAME", target)
        server.faults[name] = "bare"
    assert (await resolver.resolve("a.test")).outcome is DnsOutcome.LOOP


@pytest.mark.parametrize(("length", "outcome"), [(LONGEST_CHAIN, DnsOutcome.OK), (LONGEST_CHAIN + 1, DnsOutcome.LOOP)])
async def test_a_long_chain(resolver: ChainResolver, server: FaultyServer, length: int, outcome: DnsOutcome) -> None:
    for number in range(length):
        server.put(f"c{number}.test", "CNAME", f"c{number + 1}.test")
        server.faults[f"c{number}.test"] = "bare"
    server.put(f"c{length}.test", "A", "3.120.0.1")
    assert (await resolver.resolve("c0.test")).outcome is outcome


async def test_private_addresses_only(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("in.test", "A", "10.0.0.1", "127.0.0.1")
    found = await resolver.resolve("in.test")
    assert (found.outcome, found.addresses) == (DnsOutcome.PRIVATE, ())
    assert ("in.test", "A", "10.0.0.1", "private") in steps(found)


async def test_private_beside_public_is_left_out_and_noted(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("mixed.test", "A", "10.0.0.1", "3.120.0.1")
    found = await resolver.resolve("mixed.test")
    assert (found.outcome, found.addresses) == (DnsOutcome.OK, (ip_address("3.120.0.1"),))
    assert found.notes == ("mixed_private",)


async def test_thousands_of_addresses_are_capped(resolver: ChainResolver, server: FaultyServer) -> None:
    many = [f"3.{120 + number // 250}.{number % 250}.1" for number in range(4_000)]
    server.put("many.test", "A", *many)
    server.put("many.test", "AAAA", *[f"2a00:1450:4001::{number:x}" for number in range(1, 1_001)])
    server.faults["many.test"] = "cut"
    found = await resolver.resolve("many.test")
    assert found.outcome is DnsOutcome.OK
    assert len(found.addresses) == MOST_ADDRESSES
    assert found.notes == ("many_addresses",)
    assert len(found.names) <= 2 * (MOST_ADDRESSES + 1)


async def test_many_addresses_of_one_family_hide_none_of_the_other(
    resolver: ChainResolver, server: FaultyServer
) -> None:
    server.put("both.test", "A", *[f"3.120.0.{number}" for number in range(100)])
    server.put("both.test", "AAAA", "2a00:1450:4001::1")
    found = await resolver.resolve("both.test")
    assert len(found.addresses) == MOST_ADDRESSES
    assert found.addresses[-1] == ip_address("2a00:1450:4001::1")
    assert found.notes == ("many_addresses",)


class Scripted:
    """Gives the answers it was made with: for outcomes that one real server would not mix."""

    def __init__(self, v4: Answer, v6: Answer) -> None:
        self.answers = (v4, v6)

    async def ask(self, name: str, kind: int) -> Answer:
        return self.answers[0 if kind == A else 1]

    async def ask_both(self, name: str) -> tuple[Answer, Answer]:
        return self.answers

    async def aclose(self) -> None:
        return


NOTHING = Answer(DnsOutcome.OK, negative_ttl=60)
FOUND = Answer(DnsOutcome.OK, found=(Found("a.test", ip_address("3.120.0.1"), 5),))


@pytest.mark.parametrize(
    ("v4", "v6", "outcome"),
    [
        (Answer(DnsOutcome.NXDOMAIN), Answer(DnsOutcome.TIMEOUT), DnsOutcome.TIMEOUT),
        (Answer(DnsOutcome.NXDOMAIN), Answer(DnsOutcome.SERVFAIL), DnsOutcome.SERVFAIL),
        (NOTHING, Answer(DnsOutcome.NXDOMAIN), DnsOutcome.NODATA),
        (NOTHING, Answer(DnsOutcome.SERVFAIL), DnsOutcome.SERVFAIL),
        (Answer(DnsOutcome.TIMEOUT), Answer(DnsOutcome.SERVFAIL), DnsOutcome.SERVFAIL),
        (FOUND, Answer(DnsOutcome.SERVFAIL), DnsOutcome.OK),
        (FOUND, Answer(DnsOutcome.NXDOMAIN), DnsOutcome.OK),
    ],
)
async def test_the_family_that_says_least_decides(v4: Answer, v6: Answer, outcome: DnsOutcome) -> None:
    assert (await ChainResolver(Scripted(v4, v6)).resolve("a.test")).outcome is outcome


async def test_half_an_answer_is_noted() -> None:
    found = await ChainResolver(Scripted(FOUND, Answer(DnsOutcome.TIMEOUT))).resolve("a.test")
    assert found.notes == ("half_answered",)


async def test_a_chain_to_bytes_that_are_no_name_ends() -> None:
    odd = Answer(DnsOutcome.OK, {"a.test": ("ba\\000d.test", 5)})
    assert (await ChainResolver(Scripted(odd, odd)).resolve("a.test")).outcome is DnsOutcome.SERVFAIL


@pytest.mark.parametrize("private", ["127.0.{}.1", "10.0.0.{}"])
async def test_many_private_addresses_hide_no_public_one(private: str) -> None:
    # Scripted, as the server of these tests sends records in any order.
    addresses = [*(private.format(number) for number in range(1, 66)), "5.9.1.1"]
    v4 = Answer(DnsOutcome.OK, found=tuple(Found("a.test", ip_address(ip), 5) for ip in addresses))
    found = await ChainResolver(Scripted(v4, NOTHING)).resolve("a.test")
    assert (found.outcome, found.addresses) == (DnsOutcome.OK, (ip_address("5.9.1.1"),))
    assert found.notes == ("mixed_private",)
    assert ("a.test", "A", "5.9.1.1", "ok") in steps(found)
    assert len(found.private) == MOST_ADDRESSES


async def test_a_record_of_the_other_family_is_not_what_was_asked_for() -> None:
    v4, v6 = Found("a.test", ip_address("3.120.0.1"), 5), Found("a.test", ip_address("2a00:1450::1"), 5)
    both = Answer(DnsOutcome.OK, found=(v6, v4))
    found = await ChainResolver(Scripted(both, both)).resolve("a.test")
    assert found.addresses == (v4.address, v6.address)
    assert steps(found) == [("a.test", "A", "3.120.0.1", "ok"), ("a.test", "AAAA", "2a00:1450::1", "ok")]
    swapped = await ChainResolver(Scripted(both._replace(found=(v6,)), both._replace(found=(v4,)))).resolve("a.test")
    assert swapped.outcome is DnsOutcome.NODATA
