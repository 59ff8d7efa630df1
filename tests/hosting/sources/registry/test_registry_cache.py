"""Answers kept by the network they speak for, and asked for once at a time."""

import asyncio
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest

from router.errors import EvidenceUnavailable
from router.hosting.sources.registry.registration import Network
from router.hosting.sources.registry.registry_cache import Kept, Memory

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW, HOUR, DAY = NOON.timestamp(), 3600.0, 86_400.0


def network(prefix: str, country: str = "NL") -> Network:
    net = ip_network(prefix)
    first, last = int(net.network_address), int(net.broadcast_address)
    return Network(first, last, net.version, prefix, country, "X", "abuse@x.test", None)


def found(memory: Memory, ip: str, at: float = NOW) -> str | None:
    kept = memory.fresh(ip_address(ip), at)
    return kept.network.prefix if kept is not None and kept.network is not None else None


@pytest.mark.parametrize(
    ("prefix", "asked", "served", "not_served"),
    [
        ("5.9.0.0/24", "5.9.0.1", ["5.9.0.255"], ["5.9.1.0"]),
        ("5.9.0.16/28", "5.9.0.17", ["5.9.0.31"], ["5.9.0.32"]),
        ("5.9.16.0/20", "5.9.20.1", ["5.9.16.0", "5.9.31.255"], ["5.9.32.0"]),
        ("5.0.0.0/8", "5.9.0.1", ["5.9.0.200"], ["5.9.1.0"]),  # somebody else may hold a part of it
        ("2a00:1::/48", "2a00:1::1", ["2a00:1:0:ffff::1"], ["2a00:2::1"]),
        ("2a00::/16", "2a00:1::1", ["2a00:1::2"], ["2a00:1:1::1"]),
    ],
)
def test_which_addresses_an_answer_serves(prefix: str, asked: str, served: list[str], not_served: list[str]) -> None:
    memory = Memory()
    memory.keep(ip_address(asked), network(prefix), NOON)
    assert [found(memory, ip) for ip in served] == [prefix] * len(served)
    assert [found(memory, ip) for ip in not_served] == [None] * len(not_served)


def test_the_smallest_network_speaks() -> None:
    memory = Memory()
    memory.keep(ip_address("5.9.0.200"), network("5.0.0.0/8", "DE"), NOON)
    memory.keep(ip_address("5.9.0.17"), network("5.9.0.16/28", "FR"), NOON)
    assert found(memory, "5.9.0.20") == "5.9.0.16/28"
    assert found(memory, "5.9.0.200") == "5.0.0.0/8"


def test_a_day_fresh_and_a_week_better_than_nothing() -> None:
    memory = Memory()
    ip = ip_address("5.9.0.1")
    memory.keep(ip, network("5.9.0.0/24"), NOON)
    assert memory.fresh(ip, NOW + DAY - 1) is not None
    assert memory.fresh(ip, NOW + DAY) is None
    assert memory.stale(ip, NOW + 7 * DAY) is not None
    assert memory.stale(ip, NOW + 8 * DAY) is None


def test_an_absence_is_kept_for_an_hour_and_replaced() -> None:
    memory = Memory()
    ip = ip_address("5.9.0.1")
    assert memory.keep(ip, None, NOON).network is None
    assert memory.fresh(ip, NOW + HOUR - 1) is not None
    assert memory.fresh(ip, NOW + HOUR) is None
    memory.keep(ip, network("5.9.0.0/24"), NOON)
    assert found(memory, "5.9.0.1") == "5.9.0.0/24"


def test_a_new_answer_replaces_the_old_one() -> None:
    memory = Memory()
    ip = ip_address("5.9.0.1")
    for day in range(30):
        memory.keep(ip, network("5.9.0.0/24"), datetime(2026, 11, 1 + day, tzinfo=UTC))
    assert len(memory._blocks[4, int(ip) >> 8]) == 1


def test_memory_is_bounded() -> None:
    memory = Memory()
    for block in range(25_000):
        ip = ip_address(block << 8 | 0x05000001)
        memory.keep(ip, network(f"{ip}/32"), NOON)
    assert len(memory._blocks) == 20_000


async def test_a_hundred_ask_once() -> None:
    memory, asked, gate = Memory(), 0, asyncio.Event()
    ip = ip_address("5.9.0.1")

    async def learn() -> Kept:
        nonlocal asked
        asked += 1
        await gate.wait()
        return memory.keep(ip, network("5.9.0.0/24"), NOON)

    waiting = [asyncio.create_task(memory.once(ip, learn)) for _ in range(100)]
    await asyncio.sleep(0)
    gate.set()
    assert len(set(await asyncio.gather(*waiting))) == 1
    assert asked == 1


async def test_a_failure_is_shared_and_not_kept() -> None:
    memory, asked = Memory(), 0

    async def learn() -> Kept:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        raise EvidenceUnavailable

    ip = ip_address("5.9.0.1")
    results = await asyncio.gather(*(memory.once(ip, learn) for _ in range(5)), return_exceptions=True)
    assert {type(result) for result in results} == {EvidenceUnavailable}
    assert asked == 1
    with pytest.raises(EvidenceUnavailable):
        await memory.once(ip, learn)
    assert asked == 2


async def test_when_the_one_who_asks_goes_away_the_next_asks() -> None:
    memory, asked, gate = Memory(), 0, asyncio.Event()
    ip = ip_address("5.9.0.1")

    async def learn() -> Kept:
        nonlocal asked
        asked += 1
        await gate.wait()
        return memory.keep(ip, network("5.9.0.0/24"), NOON)

    first, second = (asyncio.create_task(memory.once(ip, learn)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0.01)
    gate.set()
    assert (await second).network == network("5.9.0.0/24")
    assert asked == 2
