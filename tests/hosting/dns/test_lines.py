"""One socket: ids, late answers, and the rest of a failing server."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator

import pytest

from router.hosting.dns import wire
from router.hosting.dns.answer import A
from router.hosting.dns.lines import Chance, Line, Question, Upstream
from tests.hosting.dns.faulty_server import FaultyServer


class Told:
    """Remembers what a line says."""

    def __init__(self) -> None:
        self.replies: list[tuple[str, bytes]] = []
        self.lost: list[str] = []

    def answered(self, question: Question, upstream: Upstream, data: bytes) -> None:
        self.replies.append((question.name, data))

    def missed(self, question: Question, upstream: Upstream) -> None:
        self.lost.append(question.name)


@pytest.fixture
async def told() -> Told:
    return Told()


@pytest.fixture
async def line(server: FaultyServer, told: Told) -> AsyncIterator[Line]:
    made = Line(upstream(told, server.port), told)
    yield made
    made.close()


def upstream(told: Told, port: int = 53) -> Upstream:
    return Upstream(("127.0.0.1", port), told, sockets=2)


def question(name: str) -> Question:
    return Question(name, A, wire.question(name, A), asyncio.get_running_loop().create_future())


async def test_ids_on_one_socket_are_distinct(line: Line, server: FaultyServer) -> None:
    for number in range(300):
        server.faults[f"q{number}.test"] = "drop"
        line.send(question(f"q{number}.test"))
    assert len(line.waiting) == 300


async def test_ids_differ_from_run_to_run(line: Line, server: FaultyServer) -> None:
    server.faults["q.test"] = "drop"
    asked = [question("q.test") for _ in range(50)]
    for one in asked:
        line.send(one)
    numbers = [one.number for one in asked]
    assert numbers != sorted(numbers)
    assert max(numbers) - min(numbers) > 1000


async def test_a_reply_goes_to_its_question_once(line: Line, server: FaultyServer, told: Told) -> None:
    server.put("a.test", "A", "3.120.0.1")
    line.send(question("a.test"))
    await asyncio.sleep(0.05)
    assert [name for name, _ in told.replies] == ["a.test"]
    assert not line.waiting


async def test_what_is_forgotten_is_not_answered(line: Line, server: FaultyServer, told: Told) -> None:
    server.put("a.test", "A", "3.120.0.1")
    late = question("a.test")
    line.send(late)
    assert late.forget() is line.upstream
    assert late.forget() is None
    await asyncio.sleep(0.05)
    assert told.replies == []


def test_a_server_rests_longer_the_more_often_it_fails_however_often(told: Told) -> None:
    server = upstream(told)
    rests, now = [], 100.0
    for _ in range(1_100):  # more than a float has powers of two
        server.failed(now)
        rests.append(max(0.0, server.resting_until - now))
        now = max(now, server.resting_until)
    assert rests[:5] == [0.0, 0.0, 1.0, 2.0, 4.0]
    assert set(rests[8:]) == {60.0}
    server.answered()
    assert (server.failures, server.resting_until) == (0, 0.0)


def test_what_was_lost_in_one_moment_is_one_rest(told: Told) -> None:
    server = upstream(told)
    for number in range(1_100):  # all that were on their way when it restarted, told one after the other
        server.failed(100.0 + number / 10_000)
    assert server.resting_until == pytest.approx(101.0, abs=0.01)
    server.failed(102.0)
    assert server.resting_until == 104.0, "it failed again after its rest: that is the next one"


async def test_a_server_without_a_route_is_told_as_missed_and_tried_again(
    told: Told, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("a.test", "A", "3.120.0.1")
    made, routed = upstream(told, server.port), socket.socket.connect

    def unreachable(*_: object) -> None:
        raise OSError(errno.ENETUNREACH, "no route")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    made.send(question("a.test"))
    assert told.lost == [], "not while whoever sends is in the middle of something"
    await asyncio.sleep(0)
    assert (told.lost, made.lines) == (["a.test"], [])
    monkeypatch.setattr(socket.socket, "connect", routed)
    made.send(question("a.test"))
    await asyncio.sleep(0.05)
    assert [name for name, _ in told.replies] == ["a.test"]
    assert made.close() == []


async def test_a_server_makes_do_with_the_sockets_it_gets(
    told: Told, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("a.test", "A", "3.120.0.1")
    made, connect, given = upstream(told, server.port), socket.socket.connect, iter([True])

    def once(opened: socket.socket, address: tuple[str, int]) -> None:
        if not next(given, False):
            raise OSError(errno.EMFILE, "too many open files")
        connect(opened, address)

    monkeypatch.setattr(socket.socket, "connect", once)
    made.send(question("a.test"))
    await asyncio.sleep(0.05)
    assert (len(made.lines), [name for name, _ in told.replies]) == (1, ["a.test"])
    made.close()


def test_chance_covers_its_range_and_does_not_repeat() -> None:
    chance = Chance()
    drawn = [chance.below_65536() for _ in range(20_000)]
    assert min(drawn) < 50
    assert max(drawn) > 65_485
    assert drawn[:2048] != drawn[2048:4096], "a fresh handful is drawn when one is used up"
