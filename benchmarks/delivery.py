"""Referrals a second that two worker processes deliver and record, and how soon a single one arrives.

    python -m benchmarks.delivery [--referrals 1000] [--singles 30]

The cases were taken, located and decided by the product itself, so every referral waits to be sent. Then two worker
processes (the product's own, over one database) claim, freeze, sign, send over HTTPS and record; the clock runs from
their start until the database holds the last acceptance. The partner is a process on loopback that signs its answers;
in one row it is a real router. Beside it, in the same run: what a bare HTTPS client posts to the same partner.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import func, select

from benchmarks import delivery_client as client
from benchmarks.intake import engines
from benchmarks.processes import Cores, started
from benchmarks.table import Row, row
from router.app import Router, build
from router.casework.intake import take as intake
from router.casework.intake.ndjson import take_batch
from router.cli.garbage import spare_collector
from router.clock import SystemClock
from router.settings import Settings
from router.store.schema.tables import attempts, cases, referrals, tallies
from router.worker.steps import advance
from router.world.story import HOME, NETHERLANDS
from router.world.zone import Host
from schemas.actor import Actor
from schemas.partner import Pace, Partner, PartnerKind
from schemas.report import ReportGiven
from schemas.states import CaseState, ReferralState
from tests.neighbours import ANALYSTS, Neighbour, Neighbourhood, Nowhere, neighbourhood, peer, pin

REFERRALS, SINGLES, WORKERS = 1_000, 30, 2
TARGETS = {
    "SQLite": {"bundled": 12_000, "single": 5_000},
    "PostgreSQL": {"bundled": 8_000, "single": 4_000},
}
#: How many times as many referrals go each way: bundled, a thousand are gone while the workers are still warming up.
TIMES = {"bundled": 4, "single": 1}
TARGET_MS = {50: 30.0, 95: 60.0}
BUNDLE = 100
#: Nothing of the partner's own pace holds the sender back.
WIDE = Pace(per_second=1e6, burst=1_000_000, in_flight=32)
PATIENCE = 120.0
#: Cases traced and decided at once while the waiting referrals are prepared.
_PREPARED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Sink:
    """The partner's process, and what a bare client reaches there."""

    port: int
    single: float  #: bodies of one referral a second
    bundled: float  #: referrals a second, a hundred in a body

    def limit(self, way: str) -> tuple[str, float]:
        """Return the limit that a rate stands beside."""
        return "bare HTTPS client, same bodies, referrals/s", self.bundled if way == "bundled" else self.single


def work(settings: dict[str, Any], ports: dict[str, int], tell: Connection) -> None:
    """Run one worker: say that it is ready, and begin when told."""

    def dial(ip: str, port: int) -> tuple[str, int]:
        if ip not in ports:
            raise Nowhere(port)
        return "127.0.0.1", ports[ip]

    async def run() -> None:
        async with build(Settings.load(**settings), dial=dial) as router:
            spare_collector()
            tell.send("ready")
            await asyncio.to_thread(tell.recv)
            await router.worker().run()

    uvloop.run(run())


def partner(way: str) -> Partner:
    """Return the sink as a partner that takes a hundred a request (a router), or one (a webhook)."""
    given: dict[str, Any] = {"url": f"https://{client.HOST}"}
    if way == "bundled":
        given |= {"peer": "bench-bundled", "keys": [{"id": client.THEIRS.key_id, "public": client.THEIRS.public}]}
    else:
        given |= {"secrets": ["bench"]}
    return Partner(
        name=f"bench-{way}",
        title="Sink",
        kind=PartnerKind.HOTLINE,
        countries=("NL",),
        default=True,
        inhope=True,
        enabled=True,
        checked_on=datetime.now(UTC).date(),
        dialect="router" if way == "bundled" else "webhook",
        config=given,
        pace=WIDE,
    )


def line(run: str, number: int, source: Actor = ANALYSTS) -> bytes:
    """Return a report, assessed by its source, of one page of a Dutch host of the simulated world."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    return json.dumps({
        "source": source.source, "reference": f"{run}-{number}", "received_at": at,
        "items": [{"location": f"http://pages.tulip.test/{run}/{number}"}],
        "assessment": {"value": "baseline", "assessed_by": "anna", "assessed_at": at},
    }).encode()  # fmt: skip


async def prepare(router: Router, run: str, count: int, source: Actor = ANALYSTS) -> None:
    """Take, locate and decide `count` reports of a source, so that as many referrals wait to be sent."""
    for start in range(0, count, 1000):
        lines = [line(run, number, source) for number in range(start, min(count, start + 1000))]
        taken = await take_batch(router.ctx, lines, source)
        assert all(one.status == 202 for one in taken)
    due = await router.store.rows(select(cases).where(cases.c.state == CaseState.RECEIVED))
    for start in range(0, len(due), _PREPARED_AT_ONCE):
        await asyncio.gather(*(advance(router.ctx, case) for case in due[start : start + _PREPARED_AT_ONCE]))
    found = await waiting(router)
    assert found == count, f"{found} of {count} referrals wait"


async def waiting(router: Router) -> int:
    """Return how many referrals wait to be sent."""
    return await counted(router, ReferralState.WAITING)


async def counted(router: Router, state: ReferralState) -> int:
    """Return how many referrals are in a state, by the tallies: what counts rows takes time from the workers."""
    wanted = select(func.sum(tallies.c.n).label("n")).where(tallies.c.kind == "referral", tallies.c.state == state)
    return int((await router.store.rows(wanted))[0]["n"] or 0)


async def delivered_rate(town: Neighbourhood, home: Neighbour, run: str, count: int) -> tuple[float, float]:
    """Return referrals a second that two workers deliver and record, and how busy the cores were."""
    await prepare(home.router, run, count)
    before = await counted(home.router, ReferralState.ACCEPTED)
    with ExitStack() as stack:
        begun, cores = await go(stack, town, home, WORKERS), Cores()
        while await counted(home.router, ReferralState.ACCEPTED) < before + count:
            await asyncio.sleep(0.05)  # asking takes time from the workers
            if time.perf_counter() - begun > PATIENCE:
                raise SystemExit(f"{run}: not everything was delivered within {PATIENCE:.0f} s")
        return count / (time.perf_counter() - begun), cores.busy()


async def go(stack: ExitStack, town: Neighbourhood, home: Neighbour, workers: int) -> float:
    """Start workers and let them begin together; return when."""
    settings = home.router.settings.model_dump(mode="json", exclude_none=True)
    # In threads: the name server that the workers ask lives in this process.
    ready = [
        await asyncio.to_thread(stack.enter_context, started(work, settings, dict(town.ports))) for _ in range(workers)
    ]
    for _, told in ready:
        told.send("go")
    return time.perf_counter()


async def arrival_times(town: Neighbourhood, home: Neighbour, count: int) -> list[float]:
    """Return the milliseconds from the answer to a report until its partner's answer, one at a time, else idle."""
    times = []
    with ExitStack() as stack:
        await go(stack, town, home, 1)
        for number in range(count + 3):
            report = ReportGiven.model_validate_json(line("alone", number))
            taken = await intake.take(home.router.ctx, report, ANALYSTS)
            answered = home.router.ctx.now()
            arrived = await arrival(home.router, taken.items[0].case)
            if number >= 3:  # connections stand, caches are filled
                times.append((arrived - answered) / 1000)
            await asyncio.sleep(random.uniform(0.02, 0.1))
    return times


async def arrival(router: Router, case: str) -> int:
    """Return when the partner's answer came, in microseconds."""
    found = select(attempts.c.ended_at).join(referrals, referrals.c.id == attempts.c.referral_id)
    for _ in range(1000):
        rows = await router.store.rows(found.where(referrals.c.case_id == case, attempts.c.outcome == "accepted"))
        if rows:
            return int(rows[0]["ended_at"])
        await asyncio.sleep(0.02)
    raise SystemExit("a single referral did not arrive within 20 s")


@asynccontextmanager
async def sinking(town: Neighbourhood, seconds: float) -> AsyncIterator[Sink]:
    """Start the partner's process at its address of the world, and measure a bare client against it."""
    town.zone.put(Host(client.HOST, (client.IP,)))
    leaf = town.authority.issue(client.HOST)
    chain = town.folder / "sink.pem"
    chain.write_bytes(leaf.key.read_bytes() + leaf.certificate.read_bytes())
    with started(client.serve, chain) as (port, _):
        town.ports[client.IP] = port
        body = client.sample()
        single = (await client.bare(port, town.authority.certificate, body, seconds)).per_second
        bundles = (await client.bare(port, town.authority.certificate, body * BUNDLE, seconds)).per_second
        yield Sink(port, single, bundles * BUNDLE)


async def _measure(count: int, singles: int, seconds: float) -> list[Row]:
    rows: list[Row] = []
    async with engines() as found:
        for name, folder, database in found:
            folder.mkdir()
            rows += await _engine(name, folder, database, count, singles, seconds)
    return rows


async def _engine(name: str, folder: Path, database: str | None, count: int, singles: int, seconds: float) -> list[Row]:
    rows = []
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(neighbourhood(folder))
        sink = await stack.enter_async_context(sinking(town, seconds))
        dutch = await stack.enter_async_context(town.moving_in(NETHERLANDS, clock=SystemClock()))
        home = await stack.enter_async_context(
            town.moving_in(HOME, database=database, clock=SystemClock(), listens=False)
        )
        secret(home)
        for way, target in TARGETS[name].items():
            await pin(home.router, [partner(way)])
            rate, busy = await delivered_rate(town, home, way, count * TIMES[way])
            title = f"{BUNDLE} a request" if way == "bundled" else "one a request"
            title = f"{name}: delivered end to end, 2 workers, {title}"
            rows.append(row(title, rate, "referrals/s", sink.limit(way), target))
            rows.append(row(f"{title}: busy, of both cores", busy, "%"))
        times = sorted(await arrival_times(town, home, singles))
        limit = ("bare HTTPS round trips, ms each", 1000 / sink.single)
        for part, most in TARGET_MS.items():
            took = times[max(0, round(len(times) * part / 100) - 1)]
            rows.append(row(f"{name}: accepted until the partner has it, idle, p{part}", took, "ms", limit, most))
        await _befriend(home, dutch)
        rate, _ = await delivered_rate(town, home, "peer", count)
        title = f"{name}: delivered end to end, 2 workers, to a real router"
        rows.append(row(title, rate, "referrals/s", sink.limit("bundled")))
    return rows


async def _befriend(home: Neighbour, dutch: Neighbour) -> None:
    """Let the two routers pin each other, with a pace that holds nothing back."""
    await pin(home.router, [peer(dutch, pace=WIDE)])
    await pin(dutch.router, [peer(home, pace=WIDE)])


def secret(home: Neighbour) -> None:
    """Give the router the secret that it shares with the sink."""
    folder = home.router.settings.data_dir / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / "bench"
    file.touch(mode=0o600)
    file.write_text(client.SECRET, encoding="utf-8")


def measure(count: int = REFERRALS, singles: int = SINGLES, seconds: float = 1.0) -> list[Row]:
    """Return the rows of one run with `count` referrals each way on each engine."""
    return uvloop.run(_measure(count, singles, seconds))


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--referrals", type=int, default=REFERRALS)
    parser.add_argument("--singles", type=int, default=SINGLES)
    given = parser.parse_args()
    for one in measure(given.referrals, given.singles):
        print(json.dumps(one))


if __name__ == "__main__":
    main()
