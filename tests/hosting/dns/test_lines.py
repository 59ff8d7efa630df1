"""One socket: ids, late answers, and the rest of a failing server."""

import asyncio
from collections.abc import Iterator

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
def line(server: FaultyServer, told: Told, event_loop_running: asyncio.AbstractEventLoop) -> Iterator[Line]:
    made = Line(event_loop_running, Upstream(("127.0.0.1", server.port)), told)
    yield made
    made.close()


@pytest.fixture
async def event_loop_running() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


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


def test_a_server_rests_longer_the_more_often_it_fails() -> None:
    upstream = Upstream(("127.0.0.1", 53))
    rests = []
    for _ in range(12):
        upstream.failed(100.0)
        rests.append(max(0.0, upstream.resting_until - 100.0))
    assert rests[:5] == [0.0, 0.0, 1.0, 2.0, 4.0]
    assert rests[-1] == 60.0
    upstream.answered()
    assert (upstream.failures, upstream.resting_until) == (0, 0.0)


def test_chance_covers_its_range_and_does_not_repeat() -> None:
    chance = Chance()
    drawn = [chance.below_65536() for _ in range(20_000)]
    assert min(drawn) < 50
    assert max(drawn) > 65_485
    assert drawn[:2048] != drawn[2048:4096], "a fresh handful is drawn when one is used up"
