"""Reports a second from the first POST to the last receipt, and what each stage of that way costs.

    python -m benchmarks.whole_way [--reports 12000] [--write]

`serve` takes the reports over HTTP; workers, one for each core, trace them by a name server of loopback, decide, and
deliver over HTTPS to a partner that signs its answers: processes of the product's own kind, which share the machine.
The clock starts before the first POST. Beside it, the least of the same run: what reads the same bodies, and what takes
the same referrals, and do nothing else. The stages are timed apart, in one process, in CPU microseconds a report, the
least of some rounds; `--write` puts them into docs/generated/cost.md, which docs/cost.md explains.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from sqlalchemy import select

from benchmarks.delivery import counted, partner, secret, sinking, work
from benchmarks.intake import engines, listen
from benchmarks.processes import Cores, started
from benchmarks.table import Row, row
from router.app import Router, build
from router.casework.decide.at_once import together
from router.casework.govern.sources import add_source
from router.casework.intake.ndjson import take_batch
from router.casework.people import tokens
from router.cli.garbage import spare_collector
from router.clock import SystemClock
from router.settings import Settings
from router.store.schema.tables import cases
from router.worker.due import next_by_line
from router.worker.steps import advance
from router.world.story import HOME
from router.world.zone import Host
from schemas.actor import ROUTER, Actor
from schemas.acts import TokenGiven
from schemas.source import SourceGiven
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import SourceKind
from tests.neighbours import Neighbour, Neighbourhood, neighbourhood, pin

#: Some six seconds of work: in the first second or two, workers that have just begun still fill what they remember.
REPORTS = 12_000
#: Reports of a round whose stages are timed apart.
STAGED = 1_000
PAGE = Path(__file__).resolve().parent.parent / "docs" / "generated" / "cost.md"
#: What is timed apart, in the order of the way.
STAGES = ("intake", "locate and decide", "deliver")
_CPU = ": CPU of "
TARGETS = {"SQLite": 3_000, "PostgreSQL": 1_800}
WAYS = {"bundled": "", "single": ", one a request"}
SOURCE = Actor(id="source:bench", source="bench")
#: One host in so many reports is new to the name server's asker; hosts of reports crowd, as people's do.
REPORTS_A_HOST = 10
CALLERS = 2
#: How often the stages are timed; the first time, which fills caches and compiles statements, is not counted.
ROUNDS = 3
#: Python runs one thread of a process at a time, so one worker leaves a core idle once the reports are taken.
WORKERS = 2
LINES = 1_000
#: Cases that are worked on at one moment, as a worker claims them.
AT_ONCE = 256
#: A Dutch address of the simulated world.
HOSTED = "188.166.40.20"
PATIENCE = 120.0
_BATCH = "/v1/reports/batch"


def serve(settings: dict[str, Any], tell: Connection) -> None:
    """Serve the API of a router until ended; tell the port."""

    async def run() -> None:
        async with build(Settings.load(**settings)) as router:
            app = router.api()
            spare_collector()
            await listen(app, tell)

    uvloop.run(run())


def bodies(run: str, count: int) -> list[bytes]:
    """Return bodies of assessed reports of one page each, on hosts of the simulated world."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    lines = [
        json.dumps({
            "source": SOURCE.source, "reference": f"{run}-{number}", "received_at": at,
            "items": [{"location": f"http://{host(number)}/{run}/{number}"}],
            "assessment": {"value": "baseline", "assessed_by": "anna", "assessed_at": at},
        }).encode()
        for number in range(count)
    ]  # fmt: skip
    return [b"\n".join(lines[start : start + LINES]) for start in range(0, count, LINES)]


def host(number: int) -> str:
    """Return the host of a report by its number."""
    return f"pages{number // REPORTS_A_HOST}.tulip.test"


async def whole_way(town: Neighbourhood, home: Neighbour, token: str, run: str, count: int) -> tuple[float, float]:
    """Return reports a second from the first POST until the last receipt is on disk, and how busy the cores were."""
    given = bodies(run, count)
    with ExitStack() as stack:
        enter = stack.enter_context
        settings = home.router.settings.model_dump(mode="json", exclude_none=True)
        port, _ = await asyncio.to_thread(enter, started(serve, settings))
        ready = [await asyncio.to_thread(enter, started(work, settings, dict(town.ports))) for _ in range(WORKERS)]
        for _, told in ready:
            told.send("go")
        before = await counted(home.router, ReferralState.ACCEPTED)
        cores, begun = Cores(), time.perf_counter()
        posting = asyncio.create_task(_post(port, token, given))
        while await counted(home.router, ReferralState.ACCEPTED) < before + count:
            await asyncio.sleep(0.05)  # asking takes time from the others
            if posting.done():
                posting.result()
            if time.perf_counter() - begun > PATIENCE:
                raise SystemExit(f"{run}: not everything arrived within {PATIENCE:.0f} s")
        taken, busy = time.perf_counter() - begun, cores.busy()
        await posting
        return count / taken, busy


async def _post(port: int, token: str, given: list[bytes]) -> None:
    waiting = iter(given)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/x-ndjson"}

    async def caller(session: aiohttp.ClientSession) -> None:
        for body in waiting:
            async with session.post(f"http://127.0.0.1:{port}{_BATCH}", data=body, headers=headers) as answer:
                text = await answer.read()
                if text.count(b'"status":202') != body.count(b"\n") + 1:
                    raise SystemExit(f"{answer.status}: not every line was taken; {text[:300]!r}")

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE)) as session:
        await asyncio.gather(*(caller(session) for _ in range(CALLERS)))


async def stages(home: Neighbour, run: str, count: int) -> dict[str, float]:
    """Return the CPU microseconds of each stage of a report, done one after the other in this process."""
    router, sending = home.router, home.router.worker().sending
    spent: dict[str, float] = {}

    async def timed(name: str, stage: Callable[[], Awaitable[None]]) -> None:
        begun = time.process_time()
        await stage()
        spent[name] = (time.process_time() - begun) / count * 1e6

    async def take() -> None:
        for body in bodies(run, count):
            await take_batch(router.ctx, body.split(b"\n"), SOURCE)

    async def move() -> None:
        due = await router.store.rows(select(cases).where(cases.c.state == CaseState.RECEIVED))
        for start in range(0, len(due), AT_ONCE):
            batch = due[start : start + AT_ONCE]
            free = await together(router.ctx, batch)
            await asyncio.gather(*(advance(router.ctx, case, free.get(case["id"])) for case in batch))

    async def send() -> None:
        while await next_by_line(router.store):
            await sending.turn()

    for name, stage in zip(STAGES, (take, move, send), strict=True):
        await timed(name, stage)
    return spent


async def least(home: Neighbour, run: str, count: int) -> dict[str, float]:
    """Return the least that each stage cost in some rounds, after one that nobody counts: other load only adds."""
    await stages(home, f"{run}-first", count)
    spare_collector()  # as `serve` and the workers do
    rounds = [await stages(home, f"{run}-{number}", count) for number in range(ROUNDS)]
    return {stage: min(one[stage] for one in rounds) for stage in STAGES}


async def _token(router: Router) -> str:
    await add_source(router.ctx, SourceGiven(name=SOURCE.source, kind=SourceKind.PUBLIC, assesses=True), ROUTER)
    return (await tokens.create_token(router.ctx, TokenGiven(name="bench", source=SOURCE.source), ROUTER)).token


async def _engine(name: str, folder: Path, database: str | None, count: int, seconds: float) -> list[Row]:
    rows = []
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(neighbourhood(folder))
        for number in range(0, count, REPORTS_A_HOST):
            town.zone.put(Host(host(number), (HOSTED,)))
        sink = await stack.enter_async_context(sinking(town, seconds))
        home = await stack.enter_async_context(
            town.moving_in(HOME, database=database, clock=SystemClock(), listens=False)
        )
        secret(home)
        token = await _token(home.router)
        for way, title in WAYS.items():
            await pin(home.router, [partner(way)])
            rate, busy = await whole_way(town, home, token, way, count)
            target = TARGETS[name] if way == "bundled" else None
            whole = f"{name}: whole way, accepted to receipt{title}"
            rows.append(row(whole, rate, "reports/s", sink.limit(way), target))
            rows.append(row(f"{whole}: busy, of both cores", busy, "%"))
            spent = await least(home, f"{way}-stages", min(STAGED, count))
            rows += [row(f"{whole}{_CPU}{stage}", us, "us a report") for stage, us in spent.items()]
    return rows


async def _measure(count: int, seconds: float) -> list[Row]:
    rows: list[Row] = []
    async with engines() as found:
        for name, folder, database in found:
            folder.mkdir()
            rows += await _engine(name, folder, database, count, seconds)
    return rows


def measure(count: int = REPORTS, seconds: float = 1.0) -> list[Row]:
    """Return the rows of one run with `count` reports each way on each engine."""
    return uvloop.run(_measure(count, seconds))


def page(rows: Sequence[Row]) -> str:
    """Return the stages' cost as a table: a line for each way that was measured."""
    cost: dict[str, dict[str, float]] = {}
    for one in rows:
        way, found, stage = one["name"].partition(_CPU)
        if found:
            cost.setdefault(way, {})[stage] = one["value"]
    head = ["| CPU microseconds a report |", *(f" {stage} |" for stage in STAGES), " sum |"]
    lines = ["".join(head), "|---|" + "---:|" * (len(STAGES) + 1)]
    for way, spent in cost.items():
        each = [spent[stage] for stage in STAGES]
        lines.append(f"| {way} |" + "".join(f" {us:.0f} |" for us in (*each, sum(each))))
    busy = os.getloadavg()[0]
    when = f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores, load {busy:.1f} (1 is this measurement)."
    said = f"The least of {ROUNDS} rounds, in one process. {when}"
    made = "<!-- Made by `python -m benchmarks.whole_way --write`. -->"
    return "\n\n".join([made, "# What one report costs: figures", "\n".join(lines), said]) + "\n"


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reports", type=int, default=REPORTS)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = measure(given.reports)
    for one in rows:
        print(json.dumps(one))
    if given.write:
        PAGE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
