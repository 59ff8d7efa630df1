import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from router.casework import policy_process
from router.casework.policy_process import PolicyProcess
from router.errors import PolicyInvalid, StoreUnavailable, Unavailable
from router.store.base import Row
from tests.governed import DIRECTORY, SMALL

NOW = datetime(2026, 11, 22, tzinfo=UTC)
#: Passes every count that is made before it is read, and would take an hour: each decision over two hundred routes.
SLOW = "import time; time.sleep(600)"


async def rows(*found: Row) -> AsyncIterator[Row]:
    for row in found:
        yield row


async def test_a_policy_is_proved_elsewhere() -> None:
    assert await PolicyProcess().prove(SMALL, DIRECTORY, NOW) == "BE"
    with pytest.raises(PolicyInvalid, match="is missing") as caught:
        await PolicyProcess().prove("version = 1", DIRECTORY, NOW)
    assert [str(one.place) for one in caught.value.problems][:1] == ["home"]


async def test_what_takes_too_long_is_killed_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_process, "START", SLOW)
    with pytest.raises(PolicyInvalid, match="too long") as caught:
        await PolicyProcess(wall_seconds=0.3).prove(SMALL, DIRECTORY, NOW)
    assert caught.value.reason == "too_costly"


@pytest.mark.parametrize("work", ["while True: pass", "bytearray(2 * 2**30)", "import os; os.kill(os.getpid(), 9)"])
async def test_what_goes_beyond_a_limit_is_refused(monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    limits = "from router.policy import process; process.CPU_SECONDS = 1; process.limit_myself()"
    start = f"import sys; sys.path.insert(0, sys.argv[1]); {limits}\n{work}"
    monkeypatch.setattr(policy_process, "START", start)
    with pytest.raises(PolicyInvalid, match="too long or too much memory"):
        await PolicyProcess().prove(SMALL, DIRECTORY, NOW)


async def test_the_loop_goes_on_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_process, "START", SLOW)
    asking = asyncio.create_task(PolicyProcess(wall_seconds=1.0).prove(SMALL, DIRECTORY, NOW))
    await asyncio.sleep(0.3)  # it has started
    started = time.process_time()
    await asyncio.sleep(0.3)
    assert time.process_time() - started < 0.1
    with pytest.raises(PolicyInvalid):
        await asking


async def test_nobody_waits_long_for_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_process, "START", SLOW)
    apart = PolicyProcess(wall_seconds=2.0, turn_seconds=0.1)
    busy = [asyncio.create_task(apart.prove(SMALL, DIRECTORY, NOW)) for _ in range(policy_process.AT_ONCE)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="Other policies") as caught:
        await apart.prove(SMALL, DIRECTORY, NOW)
    assert caught.value.retry_after
    for one in busy:
        with pytest.raises(PolicyInvalid):
            await one


async def test_a_store_that_goes_away_while_decisions_are_read_says_so() -> None:
    async def failing() -> AsyncIterator[Row]:
        raise StoreUnavailable
        yield {}

    with pytest.raises(StoreUnavailable):
        await PolicyProcess().diff(SMALL, DIRECTORY, NOW, failing())


async def test_nothing_to_replay_changes_nothing() -> None:
    assert await PolicyProcess().diff(SMALL, DIRECTORY, NOW, rows()) == []
