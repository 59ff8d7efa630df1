"""How soon an urgent report reaches its partner while a crawler's hundred thousand wait for the same one.

    python -m benchmarks.urgent [--bulk 100000] [--urgent 100] [--engine SQLite]

The referrals of the crawler's reports wait before two workers begin; while they are sent, a hundred to a request,
reports with a child at risk are taken one after the other. Such a report goes to people first, who send it with one
key: both ways are timed, in milliseconds, from the answer to a report until it is seen on the desk, and from the answer
to the key until the partner's. How many of the crawler's wait still after the last one is printed: else nothing was
behind anything.

Then the same while the reports of the crawler are all still to be located and decided. Beside those of a child at risk,
those of the police are taken, which the policy sends by itself: from the answer to such a report until the partner's.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import uvloop
from sqlalchemy import func, select

from benchmarks.delivery import WORKERS, arrival, go, line, partner, prepare, secret, sinking, waiting
from benchmarks.intake import engines
from benchmarks.table import Row, row
from benchmarks.whole_way import HOSTED, REPORTS_A_HOST, host
from router.app import Router
from router.casework.context import Context
from router.casework.desk import case_acts
from router.casework.govern.sources import add_source
from router.casework.intake import take as intake
from router.casework.intake.ndjson import GROUP, take_batch
from router.clock import SystemClock
from router.store.schema.tables import cases
from router.world.story import HOME
from router.world.zone import Host
from schemas.actor import ROUTER, Actor, Role
from schemas.report import ReportGiven
from schemas.source import SourceGiven
from schemas.states import CaseState
from schemas.vocabulary import SourceKind
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, neighbourhood, pin
from tests.office import person

BULK, URGENT = 100_000, 100
#: In milliseconds.
TARGETS: Final = {50: None, 95: None, 99: 1_000.0}
ANNA: Final = person("anna", Role.SUPERVISOR)
CRAWLER: Final = Actor(id="source:spider", source="spider")
POLICE: Final = Actor(id="source:detectives", source="detectives")
#: Seconds between two urgent ones.
_APART: Final = 0.05


def at_risk(number: int) -> ReportGiven:
    """Return a report of a page of the same host by which a child is at risk."""
    return _urgent(ANALYSTS, number, {"urgency": "imminent_risk"})


def of_police(number: int) -> ReportGiven:
    """Return a report of the police of another page, of which the policy is sure."""
    return _urgent(POLICE, number, {})


def _urgent(source: Actor, number: int, also: Mapping[str, str]) -> ReportGiven:
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    assessed = {"value": "baseline", "assessed_by": "anna", "assessed_at": at}
    return ReportGiven.model_validate_json(json.dumps({
        "source": source.source, "reference": f"urgent-{number}", "received_at": at, "assessment": assessed,
        "items": [{"location": f"http://pages.tulip.test/{source.source}/{number}"}], **also,
    }))  # fmt: skip


@asynccontextmanager
async def _house(folder: Path, database: str | None) -> AsyncIterator[tuple[Neighbourhood, Neighbour]]:
    """Open a router with a crawler, the police and one partner who takes a hundred a request."""
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(neighbourhood(folder))
        await stack.enter_async_context(sinking(town, 0.1))
        home = await stack.enter_async_context(
            town.moving_in(HOME, database=database, clock=SystemClock(), listens=False)
        )
        secret(home)
        await pin(home.router, [partner("bundled")])
        for actor, kind in ((CRAWLER, SourceKind.CRAWLER), (POLICE, SourceKind.POLICE)):
            await add_source(home.router.ctx, SourceGiven(name=actor.source, kind=kind, assesses=True), ROUTER)
        yield town, home


async def _behind_referrals(name: str, folder: Path, database: str | None, bulk: int, urgent: int) -> list[Row]:
    async with _house(folder, database) as (town, home):
        await prepare(home.router, "bulk", bulk, CRAWLER)
        ctx, seen, sent = home.router.ctx, list[float](), list[float]()
        with ExitStack() as workers:
            await go(workers, town, home, WORKERS)
            await asyncio.sleep(1.0)  # they have begun
            for number in range(urgent):
                if number % 10 == 0 and not await waiting(home.router):
                    break  # what follows would wait behind nothing
                case, answered = await _taken(ctx, at_risk(number), ANALYSTS)
                seen.append((await _on_desk(home.router, case) - answered) / 1000)
                sent.append(await _key(home.router, case))
                await asyncio.sleep(_APART)
            left = await waiting(home.router)
    rows = [row(f"{name}: of {bulk:,} of a crawler, waiting after {len(sent)} urgent ones", left, "referrals")]
    whole = f"{name}: urgent behind {bulk:,} of a crawler"
    rows += _rows(f"{whole}, taken until it is on the desk", seen)
    return rows + _rows(f"{whole}, key until the partner has it", sent)


async def _behind_reports(name: str, folder: Path, database: str | None, bulk: int, urgent: int) -> list[Row]:
    async with _house(folder, database) as (town, home):
        for number in range(0, bulk, REPORTS_A_HOST):
            town.zone.put(Host(host(number), (HOSTED,)))
        for start in range(0, bulk, GROUP):
            lines = [_bulk(number) for number in range(start, min(bulk, start + GROUP))]
            assert all(one.status == 202 for one in await take_batch(home.router.ctx, lines, CRAWLER))
        ctx, seen, sent, by_itself = home.router.ctx, list[float](), list[float](), list[float]()
        with ExitStack() as workers:
            await go(workers, town, home, WORKERS)
            await asyncio.sleep(1.0)  # they have begun
            for number in range(urgent):
                if number % 10 == 0 and not await _to_locate(home.router):
                    break  # what follows would wait behind nothing
                case, answered = await _taken(ctx, at_risk(number), ANALYSTS)
                seen.append((await _on_desk(home.router, case) - answered) / 1000)
                sent.append(await _key(home.router, case))
                await asyncio.sleep(_APART)
                case, answered = await _taken(ctx, of_police(number), POLICE)
                by_itself.append((await arrival(home.router, case) - answered) / 1000)
                await asyncio.sleep(_APART)
            left = await _to_locate(home.router)
    whole = f"{name}: urgent behind {bulk:,} to be located"
    rows = [row(f"{whole}, of which are left after {len(sent)}", left, "reports")]
    rows += _rows(f"{whole}, taken until it is on the desk", seen)
    rows += _rows(f"{whole}, key until the partner has it", sent)
    return rows + _rows(f"{whole}, the police's, taken until the partner has it", by_itself)


def _rows(title: str, times: Sequence[float]) -> list[Row]:
    return [row(f"{title}, p{part}", _part(sorted(times), part), "ms", None, most) for part, most in TARGETS.items()]


def _bulk(number: int) -> bytes:
    """Return a crawler's report: one host in so many is new, as those of people crowd."""
    return line("bulk", number, CRAWLER).replace(b"pages.tulip.test", host(number).encode())


async def _taken(ctx: Context, report: ReportGiven, source: Actor) -> tuple[str, int]:
    """Take a report; return its case, and when it was answered, in microseconds."""
    taken = await intake.take(ctx, report, source)
    (item,) = taken.items
    return item.case, ctx.now()


async def _key(router: Router, case: str) -> float:
    """Send a case from the desk; return the milliseconds from the answer until the partner has it."""
    await case_acts.send(router.ctx, case, ANNA, "a child is at risk")
    answered = router.ctx.now()
    return (await arrival(router, case) - answered) / 1000


async def _to_locate(router: Router) -> int:
    """Return how many reports are still to be located."""
    wanted = select(func.count().label("n")).where(cases.c.state == CaseState.RECEIVED)
    return int((await router.store.rows(wanted))[0]["n"])


async def _on_desk(router: Router, case: str) -> int:
    """Return when a case was seen on the desk, in microseconds: once that is committed, not when it was decided."""
    for _ in range(4000):
        (found,) = await router.store.rows(select(cases.c.state).where(cases.c.id == case))
        if found["state"] == CaseState.DESK:
            return router.ctx.now()
        await asyncio.sleep(0.005)
    raise SystemExit("an urgent case was not on the desk within 20 s")


def _part(times: Sequence[float], part: int) -> float:
    """Return what so many of a hundred stay below."""
    return times[max(0, round(len(times) * part / 100) - 1)]


async def _measure(bulk: int, urgent: int, wanted: str | None) -> list[Row]:
    rows: list[Row] = []
    for part in (_behind_referrals, _behind_reports):
        async with engines() as found:
            for name, folder, database in found:
                if wanted in (None, name):
                    folder.mkdir()
                    rows += await part(name, folder, database, bulk, urgent)
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
