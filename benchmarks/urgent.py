"""How soon an urgent report reaches its partner while a crawler's hundred thousand wait for the same one.

    python -m benchmarks.urgent [--bulk 100000] [--urgent 100] [--engine SQLite]

The referrals of the crawler's reports wait before two workers begin; while they are sent, a hundred to a request,
reports with a child at risk are taken one after the other. Such a report goes to people first, who send it with one
key: both ways are timed, in milliseconds, from the answer to a report until it is on the desk, and from the answer to
the key until the partner's. How many of the crawler's wait still after the last one is printed: else nothing was
behind anything.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvloop
from sqlalchemy import select

from benchmarks.delivery import WORKERS, arrival, go, partner, prepare, secret, sinking, waiting
from benchmarks.intake import engines
from benchmarks.table import Row, row
from router.app import Router
from router.casework.desk import case_acts
from router.casework.govern.sources import add_source
from router.casework.intake import take as intake
from router.clock import SystemClock
from router.store.schema.tables import cases
from router.world.story import HOME
from schemas.actor import ROUTER, Actor, Role
from schemas.report import ReportGiven
from schemas.source import SourceGiven
from schemas.states import CaseState
from schemas.vocabulary import SourceKind
from tests.neighbours import ANALYSTS, neighbourhood, pin
from tests.office import person

BULK, URGENT = 100_000, 100
#: In milliseconds.
TARGETS: Final = {50: None, 95: None, 99: 1_000.0}
ANNA: Final = person("anna", Role.SUPERVISOR)
CRAWLER: Final = Actor(id="source:spider", source="spider")
#: Seconds between two urgent ones.
_APART: Final = 0.05


def at_risk(number: int) -> ReportGiven:
    """Return a report of a page of the same host by which a child is at risk."""
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    assessed = {"value": "baseline", "assessed_by": "anna", "assessed_at": at}
    return ReportGiven.model_validate_json(json.dumps({
        "source": ANALYSTS.source, "reference": f"urgent-{number}", "received_at": at, "urgency": "imminent_risk",
        "items": [{"location": f"http://pages.tulip.test/urgent/{number}"}], "assessment": assessed,
    }))  # fmt: skip


async def _engine(name: str, folder: Path, database: str | None, bulk: int, urgent: int) -> list[Row]:
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(neighbourhood(folder))
        await stack.enter_async_context(sinking(town, 0.1))
        home = await stack.enter_async_context(
            town.moving_in(HOME, database=database, clock=SystemClock(), listens=False)
        )
        secret(home)
        await pin(home.router, [partner("bundled")])
        of_a_crawler = SourceGiven(name=CRAWLER.source, kind=SourceKind.CRAWLER, assesses=True)
        await add_source(home.router.ctx, of_a_crawler, ROUTER)
        await prepare(home.router, "bulk", bulk, CRAWLER)
        ctx, seen, sent = home.router.ctx, list[float](), list[float]()
        with ExitStack() as workers:
            await go(workers, town, home, WORKERS)
            await asyncio.sleep(1.0)  # they have begun
            for number in range(urgent):
                if number % 10 == 0 and not await waiting(home.router):
                    break  # what follows would wait behind nothing
                taken = await intake.take(ctx, at_risk(number), ANALYSTS)
                (item,), answered = taken.items, ctx.now()
                seen.append((await _on_desk(home.router, item.case) - answered) / 1000)
                await case_acts.send(ctx, item.case, ANNA, "a child is at risk")
                answered = ctx.now()
                sent.append((await arrival(home.router, item.case) - answered) / 1000)
                await asyncio.sleep(_APART)
            left = await waiting(home.router)
    rows = [row(f"{name}: of {bulk:,} of a crawler, waiting after {len(sent)} urgent ones", left, "referrals")]
    for title, times in (("taken until it is on the desk", seen), ("key until the partner has it", sent)):
        whole = f"{name}: urgent behind {bulk:,} of a crawler, {title}"
        rows += [
            row(f"{whole}, p{part}", _part(sorted(times), part), "ms", None, most) for part, most in TARGETS.items()
        ]
    return rows


async def _on_desk(router: Router, case: str) -> int:
    """Return when a case came to the desk, in microseconds."""
    for _ in range(2000):
        (found,) = await router.store.rows(select(cases.c.state, cases.c.desk_since).where(cases.c.id == case))
        if found["state"] == CaseState.DESK:
            return int(found["desk_since"])
        await asyncio.sleep(0.01)
    raise SystemExit("an urgent case was not on the desk within 20 s")


def _part(times: Sequence[float], part: int) -> float:
    """Return what so many of a hundred stay below."""
    return times[max(0, round(len(times) * part / 100) - 1)]


async def _measure(bulk: int, urgent: int, wanted: str | None) -> list[Row]:
    rows: list[Row] = []
    async with engines() as found:
        for name, folder, database in found:
            if wanted in (None, name):
                folder.mkdir()
                rows += await _engine(name, folder, database, bulk, urgent)
    return rows


def measure(bulk: int = BULK, urgent: int = URGENT, engine: str | None = None) -> list[Row]:
    """Return the rows of one run, of one engine or of both."""
    return uvloop.run(_measure(bulk, urgent, engine))


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--bulk", type=int, default=BULK)
    parser.add_argument("--urgent", type=int, default=URGENT)
    parser.add_argument("--engine", choices=("SQLite", "PostgreSQL"))
    given = parser.parse_args()
    for one in measure(given.bulk, given.urgent, given.engine):
        print(json.dumps(one))


if __name__ == "__main__":
    main()
