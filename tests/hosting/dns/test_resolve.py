"""The outcomes and the chain, through both ways of asking, against a server that speaks the protocol."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from ipaddress import ip_address

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given

from router.hosting.dns import wire
from router.hosting.dns.answer import AAAA, A, Asker, DnsAnswer, Found
from router.hosting.dns.mux import Mux
from router.hosting.dns.plain import PlainAsker
from router.hosting.dns.resolve import LONGEST_CHAIN, MOST_ADDRESSES, ChainResolver, Resolution
from schemas.trace import DnsOutcome
from tests.hosting.dns.faulty_server import SOA, FaultyServer
from tests.hosting.dns.messages import ASKED, Reply, replies


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


def errs(*codes: int) -> Callable[[dns.message.Message], None]:
    """A resolver that says of its answer what it did with it (RFC 8914)."""
    return lambda reply: reply.use_edns(0, 0, 1232, options=[dns.edns.EDEOption(code, "why") for code in codes])


def extended(code: int) -> Callable[[dns.message.Message], None]:
    """A response code of which only the last four bits stand in the header."""

    def edit(reply: dns.message.Message) -> None:
        reply.use_edns(0)
        reply.set_rcode(dns.rcode.Rcode(code))

    return edit


def zone_of(owner: str | None) -> Callable[[dns.message.Message], None]:
    """A "no" with another zone's SOA, or without any."""
    soa = [] if owner is None else [dns.rrset.from_text(owner, 300, "IN", "SOA", SOA)]
    return lambda reply: setattr(reply, "authority", soa)


def lame(reply: dns.message.Message) -> None:
    """Neither the name's own server nor one that asks on: it points upwards."""
    reply.flags &= ~dns.flags.RA
    reply.set_rcode(dns.rcode.NOERROR)
    reply.answer, reply.authority = [], [dns.rrset.from_text(".", 300, "IN", "NS", "a.root-servers.test.")]


def moved_subtree(reply: dns.message.Message) -> None:
    """A DNAME above the name, without the alias that belongs to it."""
    reply.set_rcode(dns.rcode.NOERROR)
    reply.answer = [dns.rrset.from_text("test.", 300, "IN", "DNAME", "elsewhere.example.")]


@pytest.mark.parametrize(
    ("edit", "outcome", "gone"),
    [
        (errs(0), DnsOutcome.NXDOMAIN, True),
        (zone_of("gone.test."), DnsOutcome.NXDOMAIN, True),
        (zone_of("rpz.block."), DnsOutcome.NXDOMAIN, False),
        (zone_of(None), DnsOutcome.NXDOMAIN, False),
        *((errs(code), DnsOutcome.FILTERED, False) for code in (4, 15, 16, 17, 18)),
        *((errs(code), DnsOutcome.STALE, False) for code in (3, 19)),
        (errs(19, 15), DnsOutcome.FILTERED, False),
        (extended(16), DnsOutcome.SERVFAIL, False),
        (extended(19), DnsOutcome.SERVFAIL, False),
        (lame, DnsOutcome.LAME, False),
        (moved_subtree, DnsOutcome.LAME, False),
    ],
)
async def test_only_the_zones_own_no_proves_that_a_name_is_gone(
    resolver: ChainResolver,
    server: FaultyServer,
    edit: Callable[[dns.message.Message], None],
    outcome: DnsOutcome,
    gone: bool,
) -> None:
    server.edits["gone.test"] = edit
    found = await resolver.resolve("gone.test")
    assert (found.outcome, found.gone, found.addresses) == (outcome, gone, ())


async def test_the_address_of_a_filter_is_shown_and_is_not_the_hosts(
    resolver: ChainResolver, server: FaultyServer
) -> None:
    server.put("blocked.test", "A", "3.120.0.1")
    server.edits["blocked.test"] = errs(15)
    found = await resolver.resolve("blocked.test")
    assert (found.outcome, found.addresses, found.private) == (DnsOutcome.FILTERED, (), ())
    assert ("blocked.test", "A", "3.120.0.1", "filtered") in steps(found)


async def test_an_old_address_is_used_and_noted(resolver: ChainResolver, server: FaultyServer) -> None:
    server.put("old.test", "A", "3.120.0.1")
    server.edits["old.test"] = errs(3)
    found = await resolver.resolve("old.test")
    assert (found.outcome, found.notes) == (DnsOutcome.OK, ("stale_answer",))


async def test_another_server_may_know_what_one_filters(server: FaultyServer, second_server: FaultyServer) -> None:
    server.edits["blocked.test"] = errs(15)
    second_server.put("blocked.test", "A", "3.120.0.1")
    servers = [("127.0.0.1", one.port) for one in (server, second_server)]
    for asker in (Mux(servers, timeout=0.4), PlainAsker(servers, timeout=1.0)):
        found = await ChainResolver(asker).resolve("blocked.test")
        assert (found.outcome, found.addresses) == (DnsOutcome.OK, (ip_address("3.120.0.1"),))
        await asker.aclose()


class Scripted:
    """Gives the answers it was made with: for outcomes that one real server would not mix."""

    def __init__(self, v4: DnsAnswer, v6: DnsAnswer) -> None:
        self.answers = (v4, v6)

    async def ask(self, name: str, kind: int) -> DnsAnswer:
        return self.answers[0 if kind == A else 1]

    async def ask_both(self, name: str) -> tuple[DnsAnswer, DnsAnswer]:
        return self.answers

    async def aclose(self) -> None:
        return


class Wired(Scripted):
    """Answers with two replies as they came over the wire, and is silent to every further question."""

    def __init__(self, v4: Reply, v6: Reply) -> None:
        read = [wire.read(one.data, ASKED, wire.question(ASKED, kind)) for one, kind in ((v4, A), (v6, AAAA))]
        super().__init__(*read)

    async def ask(self, name: str, kind: int) -> DnsAnswer:
        return DnsAnswer(DnsOutcome.TIMEOUT)


def end_of(message: dns.message.Message) -> dns.name.Name:
    """Where the aliases of a message lead, by dnspython's own names."""
    aliases = {one.name: one[0].target for one in message.answer if one.rdtype == dns.rdatatype.CNAME}
    name = message.question[0].name
    for _ in range(len(aliases) + 1):
        name = aliases.get(name, name)
    return name


def proves(reply: Reply) -> bool:
    """Whether a reply is the zone's own word that its name has no address: the rule, in dnspython's terms."""
    zones = [one.name for one in reply.message.authority if one.rdtype == dns.rdatatype.SOA]
    end = end_of(reply.message)
    addressed = {one.name for one in reply.message.answer if one.rdtype in (A, AAAA)}
    said_no = reply.code in (0, 3) and end not in addressed and not reply.errors & {3, 4, 15, 16, 17, 18, 19}
    return said_no and bool(zones) and end.is_subdomain(zones[0])


@given(replies(A), replies(AAAA))
async def test_gone_is_only_what_the_zone_itself_says_of_both_families(v4: Reply, v6: Reply) -> None:
    found = await ChainResolver(Wired(v4, v6)).resolve(ASKED)
    if found.gone:
        assert found.outcome in (DnsOutcome.NXDOMAIN, DnsOutcome.NODATA)
        assert proves(v4)
        assert proves(v6)


@given(replies(A), replies(AAAA))
async def test_no_address_of_a_filter_is_ever_the_hosts(v4: Reply, v6: Reply) -> None:
    found = await ChainResolver(Wired(v4, v6)).resolve(ASKED)
    clean = [one for one in (v4, v6) if not one.errors & {4, 15, 16, 17, 18} and one.code in (0, 3)]
    named = {record.to_text() for one in clean for rrset in one.message.answer for record in rrset}
    assert {str(ip) for ip in found.addresses + found.private} <= {str(ip_address(text)) for text in named if _ip(text)}


def _ip(text: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(text))
    return False


NOTHING = DnsAnswer(DnsOutcome.OK, negative_ttl=60)
FOUND = DnsAnswer(DnsOutcome.OK, found=(Found("a.test", ip_address("3.120.0.1"), 5),))
PRIVATE = DnsAnswer(DnsOutcome.OK, found=(Found("a.test", ip_address("0.0.0.0"), 5),))


@pytest.mark.parametrize(
    ("v4", "v6", "outcome"),
    [
        (DnsAnswer(DnsOutcome.NXDOMAIN), DnsAnswer(DnsOutcome.TIMEOUT), DnsOutcome.TIMEOUT),
        (DnsAnswer(DnsOutcome.NXDOMAIN), DnsAnswer(DnsOutcome.SERVFAIL), DnsOutcome.SERVFAIL),
        (NOTHING, DnsAnswer(DnsOutcome.NXDOMAIN), DnsOutcome.NODATA),
        (NOTHING, DnsAnswer(DnsOutcome.SERVFAIL), DnsOutcome.SERVFAIL),
        (DnsAnswer(DnsOutcome.TIMEOUT), DnsAnswer(DnsOutcome.SERVFAIL), DnsOutcome.SERVFAIL),
        (FOUND, DnsAnswer(DnsOutcome.SERVFAIL), DnsOutcome.OK),
        (FOUND, DnsAnswer(DnsOutcome.NXDOMAIN), DnsOutcome.OK),
        (DnsAnswer(DnsOutcome.NXDOMAIN), DnsAnswer(DnsOutcome.LAME), DnsOutcome.LAME),
        (DnsAnswer(DnsOutcome.NXDOMAIN), DnsAnswer(DnsOutcome.STALE), DnsOutcome.STALE),
        (NOTHING, DnsAnswer(DnsOutcome.FILTERED), DnsOutcome.FILTERED),
        (PRIVATE, DnsAnswer(DnsOutcome.FILTERED), DnsOutcome.FILTERED),
        (DnsAnswer(DnsOutcome.SERVFAIL), DnsAnswer(DnsOutcome.FILTERED), DnsOutcome.FILTERED),
        (FOUND, DnsAnswer(DnsOutcome.FILTERED), DnsOutcome.OK),
    ],
)
async def test_the_family_that_says_least_decides(v4: DnsAnswer, v6: DnsAnswer, outcome: DnsOutcome) -> None:
    assert (await ChainResolver(Scripted(v4, v6)).resolve("a.test")).outcome is outcome


@pytest.mark.parametrize(
    ("outcome", "note"),
    [
        (DnsOutcome.TIMEOUT, "half_answered"),
        (DnsOutcome.LAME, "half_answered"),
        (DnsOutcome.FILTERED, "half_filtered"),
    ],
)
async def test_half_an_answer_is_noted(outcome: DnsOutcome, note: str) -> None:
    found = await ChainResolver(Scripted(FOUND, DnsAnswer(outcome))).resolve("a.test")
    assert found.notes == (note,)


async def test_a_chain_to_bytes_that_are_no_name_ends() -> None:
    odd = DnsAnswer(DnsOutcome.OK, {"a.test": ("ba\\000d.test", 5)})
    assert (await ChainResolver(Scripted(odd, odd)).resolve("a.test")).outcome is DnsOutcome.SERVFAIL


@pytest.mark.parametrize("private", ["127.0.{}.1", "10.0.0.{}"])
async def test_many_private_addresses_hide_no_public_one(private: str) -> None:
    # Scripted, as the server of these tests sends records in any order.
    addresses = [*(private.format(number) for number in range(1, 66)), "5.9.1.1"]
    v4 = DnsAnswer(DnsOutcome.OK, found=tuple(Found("a.test", ip_address(ip), 5) for ip in addresses))
    found = await ChainResolver(Scripted(v4, NOTHING)).resolve("a.test")
    assert (found.outcome, found.addresses) == (DnsOutcome.OK, (ip_address("5.9.1.1"),))
    assert found.notes == ("mixed_private",)
    assert ("a.test", "A", "5.9.1.1", "ok") in steps(found)
    assert len(found.private) == MOST_ADDRESSES


async def test_a_record_of_the_other_family_is_not_what_was_asked_for() -> None:
    v4, v6 = Found("a.test", ip_address("3.120.0.1"), 5), Found("a.test", ip_address("2a00:1450::1"), 5)
    both = DnsAnswer(DnsOutcome.OK, found=(v6, v4))
    found = await ChainResolver(Scripted(both, both)).resolve("a.test")
    assert found.addresses == (v4.address, v6.address)
    assert steps(found) == [("a.test", "A", "3.120.0.1", "ok"), ("a.test", "AAAA", "2a00:1450::1", "ok")]
    swapped = await ChainResolver(Scripted(both._replace(found=(v6,)), both._replace(found=(v4,)))).resolve("a.test")
    assert swapped.outcome is DnsOutcome.NODATA
