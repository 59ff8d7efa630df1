"""Single questions through dnspython."""

from router.hosting.dns.answer import AAAA, A
from router.hosting.dns.plain import PlainAsker
from schemas.trace import DnsOutcome
from tests.hosting.dns.faulty_server import FaultyServer


def asker(*servers: FaultyServer) -> PlainAsker:
    return PlainAsker([("127.0.0.1", server.port) for server in servers], timeout=0.2)


async def test_texts_are_joined_and_told_from_absence_and_failure(server: FaultyServer) -> None:
    server.put("t.test", "TXT", '"64500 | 3.120.0.0/14 " "| US"')
    server.faults["bad.test"] = "servfail"
    server.faults["slow.test"] = "drop"
    plain = asker(server)
    assert await plain.ask_text("t.test") == ("64500 | 3.120.0.0/14 | US",)
    assert await plain.ask_text("none.test") == ()
    assert await plain.ask_text("bad.test") is None
    assert await plain.ask_text("slow.test") is None


async def test_the_next_server_is_asked_when_one_is_silent(server: FaultyServer, second_server: FaultyServer) -> None:
    server.faults["a.test"] = "drop"
    second_server.put("a.test", "A", "3.120.0.1")
    assert (await asker(server, second_server).ask("a.test", A)).outcome is DnsOutcome.OK


async def test_both_families(server: FaultyServer) -> None:
    server.put("a.test", "AAAA", "2a00:1450::1")
    v4, v6 = await asker(server).ask_both("a.test")
    assert (v4.outcome, v4.found, v4.negative_ttl) == (DnsOutcome.OK, (), 90)
    assert [str(found.address) for found in v6.found] == ["2a00:1450::1"]


async def test_over_tcp(server: FaultyServer) -> None:
    server.put("a.test", "A", "3.120.0.1")
    answer = await asker(server).ask_tcp(("127.0.0.1", server.port), "a.test", A)
    assert len(answer.found) == 1
    assert server.over_tcp["a.test A"] == 1


async def test_tcp_that_is_refused_or_says_nothing_fails(server: FaultyServer) -> None:
    server.faults["a.test"] = "cut_and_silent"
    plain = asker(server)
    assert (await plain.ask_tcp(("127.0.0.1", server.port), "a.test", AAAA)).outcome is DnsOutcome.SERVFAIL
    assert (await plain.ask_tcp(("127.0.0.1", 1), "a.test", A)).outcome is DnsOutcome.SERVFAIL
