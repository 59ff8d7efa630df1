"""Reports a second that two server processes take durably over HTTP, in bodies of a thousand lines, on both engines.

    python -m benchmarks.intake [--reports 40000] [--json]

Each server is the product's own application under uvicorn and uvloop, on its own port of loopback, over one database;
it checks a source's token, reads and judges every line, seals it, joins it to the open case of its location (one in
five) and answers when it is on disk. Beside it, in the same run: the same bodies to servers that read them and do
nothing, and bare commits of the database. Callers, servers and database share the machine.
"""

import argparse
import asyncio
import json
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
import uvloop

from benchmarks.processes import Cores, started
from benchmarks.store_limits import postgres_commits, sqlite_commits
from benchmarks.table import Row, row
from router.app import Router, build
from router.casework.govern.sources import add_source
from router.casework.people import tokens
from router.cli.garbage import spare_collector
from router.settings import Settings
from schemas.actor import ROUTER
from schemas.acts import TokenGiven
from schemas.source import SourceGiven
from schemas.vocabulary import Lane, SourceKind
from tests import postgres_server

TARGET = 15_000
REPORTS = 40_000
LINES = 1_000
SERVERS = 2
CALLERS_EACH = 2
SOURCE = "crawler-bench"
#: One line in five names a location whose case is open already, since the warm-up.
JOINS_EVERY = 5
WARM = 8_000
_PATH = "/v1/reports/batch"


def bodies(count: int, *, run: str) -> list[bytes]:
    """Return NDJSON bodies with `count` reports of about 600 bytes; `run` keeps the references of two runs apart."""
    lines = [json.dumps(_report(number, run)).encode() for number in range(count)]
    return [b"\n".join(lines[start : start + LINES]) for start in range(0, count, LINES)]


def _report(number: int, run: str) -> dict[str, Any]:
    joins = run != "warm" and number % JOINS_EVERY == 0
    place = number // JOINS_EVERY % WARM if joins else number
    host = f"img{place % 50_000}.host{place % 7_000}.test"
    return {
        "source": SOURCE,
        "reference": f"{run}-{number}",
        "received_at": "2026-01-05T08:30:00+00:00",
        "memo": "Found by the crawler on a public page; the page shows a gallery, and links to it stand in two forums.",
        "items": [
            {
                "location": f"https://{host}/{run}/gallery/{place:08d}/view?id={place * 7919:012d}&page=1",
                "site_type": "website",
                "commerciality": "non_commercial",
                "ways_in": {"referrer": f"https://forum{place % 300}.test/thread/{place:09d}"},
                "account": {"platform": "forum", "handle": f"user-{place:09d}"},
            }
        ],
    }


def serve(folder: Path, database: str | None, tell: Connection) -> None:
    """Serve a router's API until ended; tell the port."""

    async def run() -> None:
        async with build(Settings.load(data_dir=folder, database=database, resolvers=("127.0.0.1:9",))) as router:
            app = router.api()
            spare_collector()
            await listen(app, tell)

    uvloop.run(run())


def sink(tell: Connection) -> None:
    """Serve an application that reads a body and answers as many bytes as the router would, and nothing more."""
    answer = b"\n".join(b'{"line":%d,"status":202,"id":"%s"}' % (number, b"0" * 36) for number in range(LINES))

    async def app(_: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    uvloop.run(listen(app, tell))


async def listen(app: Any, tell: Connection) -> None:
    """Serve an application on a free port of loopback; tell the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1)
    tell.send(listener.getsockname()[1])
    await uvicorn.Server(config).serve(sockets=[listener])


async def post_all(ports: Sequence[int], token: str, given: Sequence[bytes]) -> float:
    """Post all bodies, each port by its own callers; return lines a second. Fail on a line that was not taken."""
    waiting = iter(given)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/x-ndjson"}

    async def caller(session: aiohttp.ClientSession, port: int) -> int:
        lines = 0
        for body in waiting:
            async with session.post(f"http://127.0.0.1:{port}{_PATH}", data=body, headers=headers) as answer:
                text = await answer.read()
                taken = text.count(b'"status":202')
                if answer.status != 200 or taken != LINES:
                    raise SystemExit(f"{answer.status}: {taken} lines taken; {text[:300]!r}")
                lines += taken
        return lines

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(120)) as session:
        begun = time.perf_counter()
        lines = await asyncio.gather(*(caller(session, port) for port in ports for _ in range(CALLERS_EACH)))
        return sum(lines) / (time.perf_counter() - begun)


async def prepare(folder: Path, database: str | None) -> str:
    """Make the database, the source and its token; return the token."""
    async with build(Settings.load(data_dir=folder, database=database, resolvers=("127.0.0.1:9",))) as router:
        return await _token(router)


async def _token(router: Router) -> str:
    given = SourceGiven(name=SOURCE, kind=SourceKind.CRAWLER, lane=Lane.NORMAL)
    await add_source(router.ctx, given, ROUTER)
    return (await tokens.create_token(router.ctx, TokenGiven(name="bench", source=SOURCE), ROUTER)).token


async def taken_rate(folder: Path, database: str | None, count: int) -> tuple[float, float]:
    """Return reports a second that two servers take durably, and how busy the cores were."""
    token = await prepare(folder, database)
    with ExitStack() as stack:
        ports = [stack.enter_context(started(serve, folder, database))[0] for _ in range(SERVERS)]
        await post_all(ports, token, bodies(WARM, run="warm"))
        given, cores = bodies(count, run="run"), Cores()
        return await post_all(ports, token, given), cores.busy()


async def sink_rate(count: int) -> float:
    """Return lines a second of the same bodies to servers that do nothing with them."""
    with ExitStack() as stack:
        ports = [stack.enter_context(started(sink))[0] for _ in range(SERVERS)]
        return await post_all(ports, "none", bodies(count, run="run") * 3)


@asynccontextmanager
async def engines() -> AsyncIterator[Iterator[tuple[str, Path, str | None]]]:
    """Give the engines of this machine, each with a fresh database: (name, data directory, URL)."""
    async with AsyncExitStack() as stack:
        found: list[tuple[str, Path, str | None]] = []
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found.append(("SQLite", folder / "sqlite", None))
        binaries = postgres_server.find_binaries()
        if binaries is None:
            print("PostgreSQL is left out: there is no server here (apt-get install postgresql)", file=sys.stderr)
        else:
            server = stack.enter_context(postgres_server.running(binaries))
            dsn = await stack.enter_async_context(postgres_server.fresh_database(server))
            found.append(("PostgreSQL", folder / "postgresql", dsn))
        yield iter(found)


async def _measure(count: int) -> list[Row]:
    limit = ("bare POST of the same bodies, lines/s", await sink_rate(count))
    rows = []
    async with engines() as found:
        for name, folder, database in found:
            folder.mkdir()
            commits = await postgres_commits(database) if database else sqlite_commits(folder)
            rows.append(row(f"{name}: bare commits, one row each", commits, "commits/s"))
            rate, busy = await taken_rate(folder, database, count)
            title = f"{name}: durable batch intake over HTTP, 2 processes"
            rows.append(row(title, rate, "reports/s", limit, TARGET))
            rows.append(row(f"{title}: busy, of both cores", busy, "%"))
    return rows


def measure(count: int = REPORTS) -> list[Row]:
    """Return the rows of one run with `count` reports on each engine."""
    return uvloop.run(_measure(count))


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reports", type=int, default=REPORTS)
    for one in measure(parser.parse_args().reports):
        print(json.dumps(one))


if __name__ == "__main__":
    main()
