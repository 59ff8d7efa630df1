"""A hub's inbox is read through outages of every kind: nothing is missed, and nothing is taken twice.

Ten thousand contents in `make soak`, and two thousand of which the figures are kept in benchmarks/soak.json
(ROUTER_PULL_ITEMS); a hundred otherwise.
"""

import json
import os
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from router.store.schema.tables import cases, hub_items, reports
from router.worker.pulling import Pulling
from router.world.iccam.rules import Rules
from router.world.iccam.trouble import Kind, Trouble
from tests.hub_desk import Desk, hub_desk
from tests.partners.iccam.stage import BE

#: What goes wrong, and how often: every fifth turn on the average.
OUTAGES = (
    Trouble(Kind.STATUS, status=503, retry_after="30"),
    Trouble(Kind.STATUS, status=429, retry_after="5"),
    Trouble(Kind.STATUS, status=500, times=3),
    Trouble(Kind.DROP_BEFORE, times=2),
    Trouble(Kind.DROP_AFTER, times=2),
    Trouble(Kind.CUT),
    Trouble(Kind.GARBAGE),
    Trouble(Kind.LOGGED_OUT),
)
#: Calls for one content: itself, its report, our reference, and its share of lists, logins and what failed.
MOST_CALLS = 4.5
ITEMS = int(os.environ.get("ROUTER_PULL_ITEMS", "100"))
LONG = pytest.mark.timeout(7_200)


@pytest.mark.parametrize(
    "count", [pytest.param(ITEMS, marks=LONG), pytest.param(10_000, marks=[pytest.mark.soak, LONG])]
)
async def test_none_is_missed_and_none_is_taken_twice(tmp_path: Path, count: int) -> None:
    dice = random.Random(count)  # noqa: S311 - the same outages in each run
    async with hub_desk(tmp_path, Rules(), intake=True, acknowledge=True) as desk:
        given = 0
        while given < count or not await over(desk):
            if given < count:
                size = min(dice.choice((1, 1, 3, 20)), count - given)
                desk.given(f"https://given.test/{given}", *(f"https://given.test/{given}/{n}" for n in range(size - 1)))
                given += size
            if dice.random() < 0.2:
                order(desk, dice)
            await Pulling(desk.book.ctx).turn()
            desk.near.clock.advance(timedelta(seconds=dice.choice((1, 31, 301))))
        items, taken = await desk.items(), await desk.book.rows(reports)
        calls = len(desk.near.server.calls) / count
        found = {"missed": count - len(items), "taken twice": len(taken) - len(items), "calls each": round(calls, 2)}
        print(json.dumps({"engine": "sqlite"} | found))  # noqa: T201 - the soak reads it
        assert (len(items), set(items.values())) == (count, {"taken"})
        assert len(taken) == len(await desk.book.rows(cases)) == count
        known = {row["number"]: row["reference"] for row in await desk.book.rows(hub_items)}
        assert {str(one.id): one.references.get(BE.id) for one in desk.near.hub.contents.values()} == known
    assert calls <= MOST_CALLS


def order(desk: Desk, dice: random.Random) -> None:
    desk.near.server.troubles.order(replace(dice.choice(OUTAGES), skip=dice.randrange(8)))


async def over(desk: Desk) -> bool:
    """Tell whether everything that the hub gave was taken and acknowledged, and no fault is left on order."""
    rows = await desk.book.rows(hub_items)
    done = all(row["acknowledged_at"] is not None for row in rows if row["state"] == "taken")
    return len(rows) == len(desk.near.hub.contents) and done and all(row["state"] == "taken" for row in rows)
