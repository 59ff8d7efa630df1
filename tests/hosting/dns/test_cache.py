"""Once at a time, once within its TTL, and never longer than it should be."""

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from router.ahead import ahead
from router.clock import StoryClock
from router.hosting.dns.cache import CachedResolver, keep_for
from router.hosting.dns.resolve import Resolution
from schemas.trace import DnsOutcome

FOUND = (ip_address("3.120.0.1"),)


class Counting:
    """A resolver whose answers are given, and which counts who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = Resolution("a.test", DnsOutcome.OK, FOUND, min_ttl=60)
        self.gate = asyncio.Event()
        self.gate.set()
        self.closed = False

    async def resolve(self, host: str) -> Resolution:
        self.asked.append(host)
        await self.gate.wait()
        return self.answer

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture
def clock() -> StoryClock:
    return StoryClock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("resolution", "seconds"),
    [
        (Resolution("a", DnsOutcome.OK, FOUND, min_ttl=0), 30),
        (Resolution("a", DnsOutcome.OK, FOUND, min_ttl=300), 300),
        (Resolution("a", DnsOutcome.OK, FOUND, min_ttl=86400), 3600),
        (Resolution("a", DnsOutcome.PRIVATE, min_ttl=300), 300),
        (Resolution("a", DnsOutcome.NXDOMAIN, min_ttl=5), 30),
        (Resolution("a", DnsOutcome.NXDOMAIN), 30),
        (Resolution("a", DnsOutcome.NODATA, min_ttl=900), 900),
        (Resolution("a", DnsOutcome.SERVFAIL, min_ttl=900), 30),
        (Resolution("a", DnsOutcome.LOOP, min_ttl=900), 30),
        (Resolution("a", DnsOutcome.LAME, min_ttl=900), 30),
        (Resolution("a", DnsOutcome.FILTERED, min_ttl=900), 30),
        (Resolution("a", DnsOutcome.STALE, min_ttl=900), 30),
        (Resolution("a", DnsOutcome.OK, FOUND, min_ttl=300, notes=("half_filtered",)), 30),
        (Resolution("a", DnsOutcome.TIMEOUT), 0),
        (Resolution("a", DnsOutcome.OK, FOUND, min_ttl=300, notes=("half_answered",)), 0),
    ],
)
def test_how_long_an_answer_is_kept(resolution: Resolution, seconds: float) -> None:
    assert keep_for(resolution) == seconds


async def test_an_answer_is_used_until_its_ttl_is_over(clock: StoryClock) -> None:
    inner = Counting()
    resolver = CachedResolver(inner, clock)
    for _ in range(3):
        await resolver.resolve("a.test")
        clock.advance(timedelta(seconds=25))
    assert len(inner.asked) == 1
    await resolver.resolve("a.test")
    assert len(inner.asked) == 2


async def test_names_are_kept_apart(clock: StoryClock) -> None:
    inner = Counting()
    resolver = CachedResolver(inner, clock)
    await resolver.resolve("a.test")
    await resolver.resolve("b.test")
    assert inner.asked == ["a.test", "b.test"]


async def test_a_hundred_at_once_ask_once(clock: StoryClock) -> None:
    inner = Counting()
    inner.gate.clear()
    resolver = CachedResolver(inner, clock)
    waiting = [asyncio.create_task(resolver.resolve("a.test")) for _ in range(100)]
    await asyncio.sleep(0.01)
    inner.gate.set()
    assert set(await asyncio.gather(*waiting)) == {inner.answer}
    assert len(inner.asked) == 1


async def test_when_the_one_who_asks_is_cancelled_the_next_asks(clock: StoryClock) -> None:
    inner = Counting()
    inner.gate.clear()
    resolver = CachedResolver(inner, clock)
    leader = asyncio.create_task(resolver.resolve("a.test"))
    await asyncio.sleep(0)
    followers = [asyncio.create_task(resolver.resolve("a.test")) for _ in range(3)]
    await asyncio.sleep(0)
    leader.cancel()
    await asyncio.sleep(0.01)
    inner.gate.set()
    assert set(await asyncio.gather(*followers)) == {inner.answer}
    assert leader.cancelled()
    assert len(inner.asked) == 2


async def test_a_cancelled_follower_leaves_the_others_alone(clock: StoryClock) -> None:
    inner = Counting()
    inner.gate.clear()
    resolver = CachedResolver(inner, clock)
    leader, follower = (asyncio.create_task(resolver.resolve("a.test")) for _ in range(2))
    await asyncio.sleep(0)
    follower.cancel()
    with pytest.raises(asyncio.CancelledError):
        await follower
    inner.gate.set()
    assert await leader == inner.answer


async def test_silence_is_asked_again(clock: StoryClock) -> None:
    inner = Counting()
    inner.answer = Resolution("a.test", DnsOutcome.TIMEOUT)
    resolver = CachedResolver(inner, clock)
    await resolver.resolve("a.test")
    await resolver.resolve("a.test")
    assert len(inner.asked) == 2


async def test_memory_is_bounded_and_the_newest_stay(clock: StoryClock) -> None:
    inner = Counting()
    resolver = CachedResolver(inner, clock, most=100)
    for number in range(1000):
        await resolver.resolve(f"h{number}.test")
    assert len(resolver._kept) <= 100
    asked = len(inner.asked)
    await resolver.resolve("h999.test")
    assert len(inner.asked) == asked


async def test_closing_closes_the_inner_one(clock: StoryClock) -> None:
    inner = Counting()
    await CachedResolver(inner, clock).aclose()
    assert inner.closed


async def test_what_is_urgent_waits_for_no_question_of_the_rest_and_the_rest_waits_for_its(clock: StoryClock) -> None:
    inner = Counting()
    inner.gate.clear()
    resolver = CachedResolver(inner, clock)
    rest = [asyncio.create_task(resolver.resolve("a.test"))]
    await asyncio.sleep(0)
    with ahead():
        urgent = [asyncio.create_task(resolver.resolve("a.test")) for _ in range(2)]
    await asyncio.sleep(0)
    rest += [asyncio.create_task(resolver.resolve("a.test"))]
    await asyncio.sleep(0)
    assert inner.asked == ["a.test"] * 2
    inner.gate.set()
    assert await asyncio.gather(*rest, *urgent) == [inner.answer] * 4
    assert inner.asked == ["a.test"] * 2
    assert not resolver._asking
