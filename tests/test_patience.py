"""The clock of the tests: it waits for work, and for nothing else."""

import asyncio
import gc
import socket
import sys
import time

import pytest

from tests.patience import MOMENT, LoopTime, PatientLoop, slowness

STILL = 0.3  #: seconds that the process stands still


async def answer(end: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(end, await loop.sock_recv(end, 100))


async def test_every_test_runs_in_it() -> None:
    assert isinstance(asyncio.get_running_loop(), PatientLoop)


async def test_a_deadline_passes_while_nobody_says_anything() -> None:
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await asyncio.get_running_loop().create_future()
    assert time.monotonic() - begun >= 0.05


async def test_no_deadline_passes_while_the_process_stands_still() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for end in (ours, theirs):
            end.setblocking(False)
        async with asyncio.timeout(STILL / 2), asyncio.TaskGroup() as other:
            other.create_task(answer(theirs))
            ours.send(b"are you there?")
            time.sleep(STILL)
            assert await asyncio.get_running_loop().sock_recv(ours, 100) == b"are you there?"


async def test_a_turn_of_work_counts_for_a_moment() -> None:
    loop = asyncio.get_running_loop()
    before = loop.time()
    time.sleep(STILL)
    await asyncio.sleep(0)
    assert 0 < loop.time() - before <= 3 * MOMENT


async def test_work_without_end_meets_its_deadline() -> None:
    async def work() -> None:
        while True:  # noqa: ASYNC110 - it never waits for anything
            await asyncio.sleep(0)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work(), 0.01)


async def test_an_error_that_nobody_reads_is_the_tests_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> None:
        raise LookupError

    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: told.append(found.exc_value.__cause__))
    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    assert [type(one) for one in told] == [LookupError]


async def test_a_sleep_takes_its_time() -> None:
    loop, begun = asyncio.get_running_loop(), time.monotonic()
    before = loop.time()
    await asyncio.sleep(0.03)
    assert time.monotonic() - begun >= loop.time() - before - MOMENT >= 0.03 - 2 * MOMENT


async def test_a_library_can_go_by_the_loop() -> None:
    assert abs(LoopTime.time() - asyncio.get_running_loop().time()) <= MOMENT
    assert abs(await asyncio.to_thread(LoopTime.time) - time.time()) < 60


def test_no_machine_gets_less_time_than_the_one_where_limits_were_set() -> None:
    assert 1.0 <= slowness() < 100
