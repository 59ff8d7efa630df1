"""The wire to a hub is cut after any byte of a whole session, ours or theirs, in either way of reporting.

A session is all that a report takes, from the login to the hub's word that its country has it; TLS counts, since a wire
knows no better. CI cuts it at one place a direction, on each engine; `make soak` at a hundred (ROUTER_HUB_CUTS, which
may ask for every byte).
"""

import asyncio
import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from schemas.states import ReferralState
from tests.faults.test_kill_hub import ADDRESS, FOR_PEOPLE, JUMP, MODES, TOGETHER, Place, answered, place
from tests.partners.cutting import Cut, Wire

pytestmark = [pytest.mark.faults, pytest.mark.timeout(7200)]
CUTS = int(os.environ.get("ROUTER_HUB_CUTS", "1"))
ROUNDS = 60
PENDING = FOR_PEOPLE | {ReferralState.WAITING, ReferralState.SENDING}


@pytest.mark.parametrize("mode", MODES)
async def test_wherever_the_wire_is_cut_each_is_handed_over_once_on_sqlite(tmp_path: Path, mode: str) -> None:
    async with place(tmp_path, None, mode) as one:
        await story(one, "sqlite")


@pytest.mark.postgres
@pytest.mark.parametrize("mode", MODES)
async def test_wherever_the_wire_is_cut_each_is_handed_over_once_on_postgresql(
    tmp_path: Path, postgres_dsn: str, mode: str
) -> None:
    async with place(tmp_path, postgres_dsn, mode) as one:
        await story(one, "postgresql")


async def story(one: Place, engine: str) -> None:
    dice = random.Random(f"{one.mode} {engine}")  # noqa: S311 - which bytes; the same in every run
    async with relayed(one, Cut.OURS, None) as wire:
        await session(one, "first")  # logs in: what is measured next has the token
    whole, cuts = {}, 0
    asked: Counter[str] = Counter()
    for direction in Cut:
        async with relayed(one, direction, None) as wire:
            await session(one, f"whole-{direction}")
        whole[direction] = wire.passed
    for direction in Cut:
        for number in range(CUTS):
            share = (number + dice.random() * (whole[direction] > CUTS)) / CUTS
            async with relayed(one, direction, int(whole[direction] * share)) as wire:
                asked += await session(one, f"{direction}-{number}")
            cuts += wire.cut.is_set()
    bytes_of = {f"bytes {direction}": passed for direction, passed in whole.items()}
    figures = {"cut": cuts, **bytes_of, **asked}
    print(json.dumps({"engine": engine, "way": one.mode, **figures, **await one.found()}))  # noqa: T201 - the soak reads it
    assert cuts >= CUTS, "half of the sessions were shorter than that"
    one.judge((3 + 2 * CUTS) * TOGETHER[one.mode])


@asynccontextmanager
async def relayed(one: Place, direction: Cut, at: int | None) -> AsyncIterator[Wire]:
    """Put a relay between us and the hub, and another in its place once it was cut; both are gone afterwards."""
    wire, mended = Wire(direction, at, one.server.port), Wire(direction, None, one.server.port)
    servers = [await asyncio.start_server(each.relay, "127.0.0.1", 0) for each in (wire, mended)]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    one.town.ports[ADDRESS] = ports[0]
    mending = asyncio.create_task(_mend(one, wire, ports[1]))
    try:
        yield wire
    finally:
        mending.cancel()
        one.town.ports[ADDRESS] = one.server.port
        for server, each in zip(servers, (wire, mended), strict=True):
            server.close()
            each.close()
        await asyncio.sleep(0.01)


async def _mend(one: Place, wire: Wire, port: int) -> None:
    await wire.cut.wait()
    one.town.ports[ADDRESS] = port


async def session(one: Place, name: str) -> Counter[str]:
    """Hand a report over, with a person who answers what the desk asks; count that."""
    await one.take(name)
    await one.decide()
    asked: Counter[str] = Counter()
    for _ in range(ROUNDS):
        await one.home.turn()
        if not any(row["state"] in PENDING for row in await one.home.referrals()):
            return asked
        asked += await answered(one)
        one.town.clock.advance(JUMP)
    pytest.fail(f"not everything was handed over: {[row['state'] for row in await one.home.referrals()]}")
