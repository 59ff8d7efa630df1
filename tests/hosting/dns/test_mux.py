"""Forgers, silence, dead servers, cut answers and crowds, over real sockets."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from router.ahead import ahead
from router.clock import SystemClock
from router.errors import CannotStart
from router.hosting.dns import mux as mux_module
from router.hosting.dns import wire
from router.hosting.dns.answer import AAAA, A
from router.hosting.dns.cache import CachedResolver
from router.hosting.dns.lines import Upstream
from router.hosting.dns.mux import Mux
from router.hosting.dns.resolve import ChainResolver
from schemas.trace import DnsOutcome
from tests.hosting.dns.faulty_server import FaultyServer


@pytest.fixture
async def mux(server: FaultyServer) -> AsyncIterator[Mux]:
    made = Mux([("127.0.0.1", server.port)], timeout=0.1)
    yield made
    await made.aclose()


@pytest.fixture
async def pair(server: FaultyServer, second_server: FaultyServer) -> AsyncIterator[Mux]:
    made = Mux([("127.0.0.1", server.port), ("127.0.0.1", second_server.port)], timeout=0.1)
    yield made
    await made.aclose()


async def test_both_families_are_asked(mux: Mux, server: FaultyServer) -> None:
    server.put("a.test", "A", "3.120.0.1")
    server.put("a.test", "AAAA", "2a00:1450::1")
    v4, v6 = await mux.ask_both("a.test")
    assert [str(found.address) for found in v4.found + v6.found] == ["3.120.0.1", "2a00:1450::1"]


@pytest.mark.parametrize("fault", ["wrong_id", "wrong_question", "not_a_reply", "garbage"])
async def test_forged_replies_are_not_believed(mux: Mux, server: FaultyServer, fault: str) -> None:
    server.put("a.test", "A", "3.120.0.1")
    server.faults["a.test"] = fault
    assert (await mux.ask("a.test", A)).outcome is DnsOutcome.TIMEOUT


async def test_the_true_answer_behind_forged_ones_is_taken(mux: Mux, server: FaultyServer) -> None:
    server.put("a.test", "A", "3.120.0.1")
    server.faults["a.test"] = "spoof_first"
    assert (await mux.ask("a.test", A)).outcome is DnsOutcome.OK
    assert server.asked["a.test A"] == 1


async def test_a_malformed_answer_is_a_failure_not_an_absence(mux: Mux, server: FaultyServer) -> None:
    server.put("a.test", "A", "3.120.0.1")
    server.faults["a.test"] = "malformed"
    assert (await mux.ask("a.test", A)).outcome is DnsOutcome.SERVFAIL


async def test_a_cut_answer_is_asked_again_over_tcp(mux: Mux, server: FaultyServer) -> None:
    server.put("a.test", "A", *[f"3.120.{number}.1" for number in range(200)])
    server.faults["a.test"] = "cut"
    assert len((await mux.ask("a.test", A)).found) == 200
    assert server.over_tcp["a.test A"] == 1


async def test_tcp_that_closes_without_an_answer_is_a_failure(mux: Mux, server: FaultyServer) -> None:
    server.faults["a.test"] = "cut_and_silent"
    assert (await mux.ask("a.test", A)).outcome is DnsOutcome.SERVFAIL


async def test_a_server_that_does_not_know_edns_is_asked_without(mux: Mux, server: FaultyServer) -> None:
    server.put("a.test", "A", "3.120.0.1")
    server.faults["a.test"] = "no_edns"
    assert (await mux.ask("a.test", A)).outcome is DnsOutcome.OK
    assert server.asked["a.test A"] == 2


@pytest.mark.parametrize("fault", ["drop", "servfail", "refused"])
async def test_another_server_is_asked(
    pair: Mux, server: FaultyServer, second_server: FaultyServer, fault: str
) -> None:
    server.faults["a.test"] = fault
    second_server.put("a.test", "A", "3.120.0.1")
    assert (await pair.ask("a.test", A)).outcome is DnsOutcome.OK


async def test_an_absence_is_believed_and_not_asked_elsewhere(
    pair: Mux, server: FaultyServer, second_server: FaultyServer
) -> None:
    assert (await pair.ask("gone.test", A)).outcome is DnsOutcome.NXDOMAIN
    assert not second_server.asked


async def test_failing_everywhere_is_said_after_one_try_each(
    pair: Mux, server: FaultyServer, second_server: FaultyServer
) -> None:
    server.faults["a.test"] = second_server.faults["a.test"] = "servfail"
    assert (await pair.ask("a.test", A)).outcome is DnsOutcome.SERVFAIL
    assert server.asked["a.test A"] == second_server.asked["a.test A"] == 1


async def test_a_silent_server_rests(pair: Mux, server: FaultyServer, second_server: FaultyServer) -> None:
    for number in range(8):
        server.faults[f"a{number}.test"] = "drop"
        second_server.put(f"a{number}.test", "A", "3.120.0.1")
    for number in range(4):
        await pair.ask(f"a{number}.test", A)
    asked_before = sum(server.asked.values())
    started = asyncio.get_running_loop().time()
    for number in range(4, 8):
        assert (await pair.ask(f"a{number}.test", A)).outcome is DnsOutcome.OK
    assert asyncio.get_running_loop().time() - started < 0.1, "a resting server costs no timeout"
    assert sum(server.asked.values()) == asked_before


async def test_nobody_listening_is_known_at_once_or_in_time(server: FaultyServer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server.put("a.test", "A", "3.120.0.1")
    alone = Mux([("127.0.0.1", port)], timeout=0.1)
    assert (await alone.ask("a.test", A)).outcome is DnsOutcome.TIMEOUT
    await alone.aclose()
    both = Mux([("127.0.0.1", port), ("127.0.0.1", server.port)], timeout=5)
    started = asyncio.get_running_loop().time()
    assert (await both.ask("a.test", A)).outcome is DnsOutcome.OK
    assert asyncio.get_running_loop().time() - started < 1, "a refused port is not waited for"
    await both.aclose()


async def test_more_questions_than_fit_wait_their_turn(
    mux: Mux, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mux_module, "MOST_IN_FLIGHT", 10)
    for number in range(200):
        server.put(f"h{number}.test", "A", f"3.120.{number}.1")
    answers = await asyncio.gather(*(mux.ask(f"h{number}.test", A) for number in range(200)))
    assert [str(answer.found[0].address) for answer in answers] == [f"3.120.{number}.1" for number in range(200)]


async def test_a_cancelled_question_frees_its_place(mux: Mux, server: FaultyServer) -> None:
    server.faults["slow.test"] = "drop"
    server.put("a.test", "AAAA", "2a00:1450::1")
    waiting = asyncio.create_task(mux.ask("slow.test", A))
    await asyncio.sleep(0.02)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0.2)
    assert mux._in_flight == 0
    assert (await mux.ask("a.test", AAAA)).outcome is DnsOutcome.OK


@pytest.fixture
def silent() -> Iterator[tuple[str, int]]:
    """A port where somebody listens who never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield deaf.getsockname()


async def test_more_failures_than_a_float_has_powers_of_two_and_then_an_answer(
    server: FaultyServer, silent: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mux = Mux([silent], timeout=0.01)
    resolver = CachedResolver(ChainResolver(mux), SystemClock())
    hosts = [f"a{number}.test" for number in range(200)]
    mux._open()
    mux._upstreams[0].failures = 1_100  # as after a day of silence: one a rest
    async with asyncio.timeout(5):
        found = await asyncio.gather(*(resolver.resolve(host) for host in hosts))
    assert {one.outcome for one in found} == {DnsOutcome.TIMEOUT}
    assert mux._upstreams[0].failures == 1_101
    assert (mux._in_flight, resolver._asking, mux._upstreams[0].lines[0].waiting) == (0, {}, {})
    server.put("a0.test", "A", "3.120.0.1")
    for line in mux._upstreams[0].lines:  # the same server, which answers now
        line._socket.connect(("127.0.0.1", server.port))
    assert (await resolver.resolve("a0.test")).outcome is DnsOutcome.OK
    assert (mux._in_flight, mux._upstreams[0].failures) == (0, 0)
    await resolver.aclose()


@pytest.mark.parametrize("broken", ["failed", "answered"])
async def test_nobody_waits_for_ever_for_a_question_whose_bookkeeping_failed(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: told.append(type(context["exception"]).__name__)
    )
    monkeypatch.setattr(mux_module, "MOST_IN_FLIGHT", 3)
    if broken == "failed":
        monkeypatch.setattr(Upstream, "failed", lambda *_: 1 // 0)
        server.faults = dict.fromkeys((f"a{number}.test" for number in range(9)), "drop")
    else:
        monkeypatch.setattr(wire, "read", lambda *_: 1 // 0)
    mux = Mux([("127.0.0.1", server.port)], timeout=0.02)
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(mux.ask(f"a{number}.test", A) for number in range(9)))
    assert {answer.outcome for answer in answers} == {DnsOutcome.SERVFAIL}
    assert told == ["ZeroDivisionError"] * 9, "a defect is told, not swallowed"
    assert (mux._in_flight, len(mux._queue)) == (0, 0)
    await mux.aclose()


async def test_what_is_urgent_waits_for_no_silent_host_of_the_rest(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many wait, each with deadlines before it; and more urgent ones than fit pass each other on."""
    monkeypatch.setattr(mux_module, "MOST_IN_FLIGHT", 4)
    monkeypatch.setattr(mux_module, "MORE_URGENT", 2)
    silent = [f"silent{number}.test" for number in range(12)]
    server.faults = dict.fromkeys(silent, "drop")
    hosts = [f"urgent{number}.test" for number in range(6)]
    for host in hosts:
        server.put(host, "A", "3.120.0.1")
    mux = Mux([("127.0.0.1", server.port)], timeout=60)
    rest = [asyncio.create_task(mux.ask(host, A)) for host in silent]
    await asyncio.sleep(0)
    with ahead():
        async with asyncio.timeout(20):
            found = await asyncio.gather(*(mux.ask(host, A) for host in hosts))
    assert {answer.outcome for answer in found} == {DnsOutcome.OK}
    assert not any(task.done() for task in rest)
    assert mux._in_flight == 4
    await mux.aclose()
    assert {(await task).outcome for task in rest} == {DnsOutcome.TIMEOUT}


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """A server that no route leads to, as an IPv6 resolver on a machine without IPv6."""
    connect, address = socket.socket.connect, ("2001:db8::53", 53)

    def routed(opened: socket.socket, server: tuple[str, int]) -> None:
        if server == address:
            raise OSError(errno.ENETUNREACH, "no route")
        connect(opened, server)

    monkeypatch.setattr(socket.socket, "connect", routed)
    return address


async def test_a_resolver_that_cannot_be_reached_is_a_resolver_that_rests(
    server: FaultyServer, unreachable: tuple[str, int]
) -> None:
    server.put("a.test", "A", "3.120.0.1")
    mux = Mux([unreachable, ("127.0.0.1", server.port)], timeout=5)
    started = asyncio.get_running_loop().time()
    for _ in range(5):
        assert (await mux.ask("a.test", A)).outcome is DnsOutcome.OK
    assert asyncio.get_running_loop().time() - started < 1, "it is not waited for"
    assert mux._upstreams[0].resting_until > 0
    assert mux._in_flight == 0
    await mux.aclose()


async def test_resolvers_that_cannot_be_reached_are_an_outcome(unreachable: tuple[str, int]) -> None:
    mux = Mux([unreachable], timeout=5)
    resolver = ChainResolver(mux)
    for _ in range(3):
        assert (await resolver.resolve("a.test")).outcome is DnsOutcome.TIMEOUT
    assert mux._in_flight == 0
    await mux.aclose()


async def test_closing_ends_those_that_wait_their_turn_too(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mux_module, "MOST_IN_FLIGHT", 2)
    server.faults = dict.fromkeys((f"a{number}.test" for number in range(6)), "drop")
    mux = Mux([("127.0.0.1", server.port)], timeout=30)
    waiting = [asyncio.create_task(mux.ask(f"a{number}.test", A)) for number in range(6)]
    await asyncio.sleep(0.02)
    await mux.aclose()
    async with asyncio.timeout(1):
        assert {answer.outcome for answer in await asyncio.gather(*waiting)} == {DnsOutcome.TIMEOUT}
    assert mux._in_flight == 0
    server.put("b.test", "A", "3.120.0.1")
    assert (await mux.ask("b.test", A)).outcome is DnsOutcome.OK, "it opens again when it is asked again"
    await mux.aclose()


async def test_closing_ends_what_is_on_its_way(server: FaultyServer) -> None:
    server.faults["slow.test"] = "drop"
    mux = Mux([("127.0.0.1", server.port)], timeout=30)
    waiting = [asyncio.create_task(mux.ask("slow.test", A)) for _ in range(5)]
    await asyncio.sleep(0.02)
    await mux.aclose()
    assert {answer.outcome for answer in await asyncio.gather(*waiting)} == {DnsOutcome.TIMEOUT}


def test_without_servers_it_does_not_start() -> None:
    with pytest.raises(CannotStart, match="name at least one"):
        Mux([])
