"""What the store can do at most: bare fsync'd commits of each database, and the writer's own rates beside them.

    python benchmarks/store_limits.py [--dsn postgresql://...]

The other benchmarks import `sqlite_commits` and `postgres_commits`, so that a rate of ours always stands beside the
limit of the same machine in the same run. Without a DSN a throw-away server is started, with fsync on.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import apsw
import asyncpg
from sqlalchemy import and_

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.processes import started
from router.guard.seal import Keyring
from router.store.base import Add, Change, Claim, Event, Transition
from router.store.connect import open_store
from router.store.ids import new_ids
from router.store.schema.tables import attempts, case_keys, cases, items, referrals, reports
from router.store.sqlite import connection as sqlite_connection
from router.store.writer import Writer
from tests import postgres_server

Rate = float  #: per second
NOW = 1_764_000_000_000_000
REPORTS_A_BODY = 1_000
#: Processes that commit to one SQLite file at once (`serve` and two workers), and seconds that each holds the lock.
SHARERS, HELD = 3, 0.01


def sqlite_commits(folder: Path, seconds: float = 1.0) -> Rate:
    """Return single-row commits/s of a bare SQLite file (WAL, synchronous=FULL)."""
    connection = apsw.Connection(str(folder / "limit.db"))
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", "FULL")
    connection.execute("CREATE TABLE limits (row BLOB)")
    body = os.urandom(400)
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        connection.execute("INSERT INTO limits VALUES (?)", (body,))
        count += 1
    connection.close()
    return count / seconds


async def postgres_commits(dsn: str, seconds: float = 1.0) -> Rate:
    """Return single-row commits/s of one bare connection to PostgreSQL."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE limits (row BYTEA)")
    body = os.urandom(400)
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        await connection.execute("INSERT INTO limits VALUES ($1)", body)
        count += 1
    await connection.execute("DROP TABLE limits")
    await connection.close()
    return count / seconds


def _their_wait(connection: apsw.Connection, seconds: float) -> None:
    """Let a connection wait for a lock as SQLite itself does."""
    connection.set_busy_timeout(round(seconds * 1000))


#: How a process waits for another's commit.
WAITS = {"as the router waits": sqlite_connection.wait_for_lock, "by SQLite's own timeout": _their_wait}


def _hold(file: Path, seconds: float, how: str, tell: Connection) -> None:
    """Commit for so long, with the lock held and not held for as long each; tell how often."""
    connection = apsw.Connection(str(file))
    WAITS[how](connection, sqlite_connection.BUSY_SECONDS)
    tell.send("ready")
    tell.recv()
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO limits VALUES (?)", (b"",))
        time.sleep(HELD)
        connection.execute("COMMIT")
        count += 1
        time.sleep(HELD)
    tell.send(count)


def shared_commits(folder: Path, how: str, seconds: float = 3.0) -> tuple[Rate, Rate]:
    """Return the commits/s of processes that share a SQLite file, all together, and of the one that had the fewest.

    `how` they wait for its lock is one of `WAITS`.
    """
    file = folder / f"{how}.db"
    connection = apsw.Connection(str(file))
    connection.pragma("journal_mode", "WAL")
    connection.execute("CREATE TABLE limits (row BLOB)")
    connection.close()
    with ExitStack() as stack:
        begun = [stack.enter_context(started(_hold, file, seconds, how))[1] for _ in range(SHARERS)]
        for one in begun:
            one.send("go")
        counts = [one.recv() for one in begun]
    return sum(counts) / seconds, min(counts) / seconds


# ---------------------------------------------------------------- the writer's own work


def case_row(case_id: str) -> dict[str, object]:
    """Return a case as intake adds it."""
    return {
        "id": case_id, "state": "received", "version": 1, "next_at": NOW, "kind": "url", "url_bidx": os.urandom(20),
        "host_bidx": os.urandom(20), "sealed": os.urandom(160), "lane": "normal", "rank": 2, "source": "form",
        "source_kind": "public", "assessment": "baseline", "assessed_at": NOW, "urgency": "none", "received_at": NOW,
        "opened_at": NOW,
    }  # fmt: skip


def body_of_reports(count: int) -> Transition:
    """Return what intake commits for a body of new reports: report, item, case, key and one event each."""
    adds, events = [], []
    for report_id, case_id, item_id in zip(*(new_ids(count) for _ in range(3)), strict=True):
        adds += [
            Add(reports, {
                "id": report_id, "source": "form", "reference_bidx": os.urandom(20), "body_digest": os.urandom(36),
                "received_at": NOW, "taken_at": NOW, "assessment": "baseline", "urgency": "none", "lane": "normal",
            }),
            Add(items, {
                "id": item_id, "report_id": report_id, "position": 0, "case_id": case_id,
                "sealed": os.urandom(280), "added_at": NOW,
            }),
            Add(cases, case_row(case_id)),
            Add(case_keys, {"case_id": case_id, "wrapped": os.urandom(66)}),
        ]  # fmt: skip
        events.append(Event("report_taken", "source:form", case_id=case_id, detail={"items": 1}))
    return Transition(NOW, adds=adds, events=events)


def referral_row(referral_id: str) -> dict[str, object]:
    """Return a referral that waits to be sent."""
    return {
        "id": referral_id, "case_id": referral_id, "decision_id": referral_id, "partner": "offlimits-nl",
        "route": "hotline-abroad", "is_copy": 0, "state": "waiting", "version": 1, "next_at": NOW, "rank": 2,
        "lane": "normal", "created_at": NOW,
    }  # fmt: skip


def delivered(row: dict[str, object]) -> Transition:
    """Return the step of a worker whose partner took a referral: a fenced change, an attempt, an event."""
    change = {"state": "accepted", "next_at": None, "receipt": "r-1", "accepted_at": NOW, "attempts": 1}
    attempt = {
        "id": str(row["id"]), "referral_id": row["id"], "started_at": NOW, "ended_at": NOW, "outcome": "accepted",
        "counted": 1, "reason": "ok", "text": "taken", "receipt": "r-1",
    }  # fmt: skip
    return Transition(
        NOW,
        changes=[Change(referrals, {"id": row["id"]}, change, version=int(str(row["version"])))],
        adds=[Add(attempts, attempt)],
        events=[Event("accepted", "router", case_id=str(row["case_id"]), referral_id=str(row["id"]))],
    )


async def intake_rate(store: Writer, bodies: int, in_flight: int = 2) -> Rate:
    """Return reports/s committed, with bodies made beforehand and so many in flight."""
    waiting = iter([body_of_reports(REPORTS_A_BODY) for _ in range(bodies)])

    async def client() -> None:
        for body in waiting:
            await store.commit(body)

    return await _rate(bodies * REPORTS_A_BODY, lambda: asyncio.gather(*(client() for _ in range(in_flight))))


async def step_rate(store: Writer, count: int, batch: int = 500) -> Rate:
    """Return referrals/s claimed in batches and each recorded as delivered by a transition of its own."""
    await store.commit(Transition(NOW, adds=[Add(referrals, referral_row(name)) for name in new_ids(count)]))
    waiting = and_(referrals.c.state == "waiting", referrals.c.next_at <= NOW)
    due = and_(referrals.c.partner == "offlimits-nl", waiting)
    claim = Claim(referrals, due, [referrals.c.rank, referrals.c.next_at], batch, "bench", 60.0, {"state": "sending"})

    async def work() -> None:
        while rows := await store.claim(claim):
            await asyncio.gather(*(store.commit(delivered(row)) for row in rows))

    return await _rate(count, work)


async def _rate(count: int, work: Callable[[], Awaitable[object]]) -> Rate:
    started = time.perf_counter()
    await work()
    return count / (time.perf_counter() - started)


@asynccontextmanager
async def opened(url: str | None, folder: Path) -> AsyncIterator[Writer]:
    """Open a store for a measurement."""
    store = await open_store(url, folder, Keyring.open(bytes(32)))
    try:
        yield store
    finally:
        await store.close()


async def measure(admin_dsn: str, folder: Path) -> Iterator[tuple[str, Rate]]:
    """Return the name and rate of everything."""
    found = [("sqlite: bare commits/s", sqlite_commits(folder))]
    for how in WAITS:
        rates = shared_commits(folder, how)
        for rate, whose in zip(rates, ("together", "the least of them"), strict=True):
            found.append((f"sqlite: commits/s of {SHARERS} that share, {how}, {whose}", rate))
    async with postgres_server.fresh_database(admin_dsn) as dsn:
        found.append(("postgresql: bare commits/s", await postgres_commits(dsn)))
        for name, url in (("sqlite", None), ("postgresql", dsn)):
            async with opened(url, folder) as store:
                found.append((f"{name}: intake, reports/s in bodies of 1,000", await intake_rate(store, 20)))
                found.append((f"{name}: delivered steps/s, one transition each", await step_rate(store, 10_000)))
    return iter(found)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--dsn", help="administrator's DSN of a server to measure")
    given = arguments.parse_args().dsn
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        binaries = postgres_server.find_binaries()
        dsn = given or (stack.enter_context(postgres_server.running(binaries)) if binaries else "")
        for name, rate in asyncio.run(measure(dsn, Path(folder))):
            print(f"{name:78} {rate:>10,.0f}")


if __name__ == "__main__":
    main()
