"""Renew the data sets in force: by hand (`data refresh`), or by `serve` itself where the operator allows it.

Whatever asks, the way is one: through the guard, compiled and checked, and compared on the hosts that were decided last
before it is in force. `serve` lets another process do what takes a processor's time.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta
from functools import partial
from ipaddress import ip_address
from multiprocessing import active_children, get_context
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from router.app_tracer import SETS, data_folder, make_resolver, way_out
from router.casework.case.sealed import trace_of
from router.clock import Clock, SystemClock
from router.data import DataSets, second
from router.data.refresh import Fetch, PublishedFile, Renewal, Work, read_files, refresh
from router.data.waiting import Moves, waiting
from router.errors import CannotStart, Damaged, EvidenceUnavailable, RouterError
from router.guard.log import get_log
from router.guard.master import MASTER_FILE, open_keyring
from router.guard.target import Purpose
from router.hosting import sources
from router.hosting.moved import moves
from router.settings import Settings
from router.store.connect import engine_of, is_made
from router.store.schema.tables import case_keys, decisions, traces
from schemas.trace import Ip, Trace

if TYPE_CHECKING:
    from router.guard.egress import Dial

#: Seconds for one publisher's file; the largest has some tens of megabytes.
_PATIENCE: Final = 300.0
#: Hosts that were decided last, on which new sets are compared with those in force.
MOST_DECIDED: Final = 1000
#: Seconds that a refresh of `serve` may take; what is not done then is given up, and the old sets stay.
_LONGEST: Final = 3600.0
#: Seconds between a start and the first look, and after a refresh that failed: no restart and no fault makes us ask a
#: publisher again and again.
_AT_LEAST: Final = 6 * 3600.0
#: Part of a wait by which it is longer, at random: installations that began together do not ask together.
_JITTER: Final = 0.1
_RANDOM: Final = SystemRandom()
_LAST: Final = (
    select(traces.c.id, traces.c.case_id, traces.c.sealed, case_keys.c.wrapped)
    .join(decisions, decisions.c.trace_id == traces.c.id)
    .join(case_keys, case_keys.c.case_id == traces.c.case_id)
    .order_by(decisions.c.decided_at.desc())
    .limit(MOST_DECIDED)
)


async def renew(
    settings: Settings,
    today: date,
    *,
    files: Sequence[PublishedFile] | None = None,
    dial: "Dial | None" = None,
    work: Work = asyncio.to_thread,
) -> tuple[Renewal, ...]:
    """Renew the sets, and put them in force or let them wait. `files` and `dial` are for tests.

    Raise CannotStart for a mirror of a file that no publisher has, or when the sets in force are damaged;
    StoreUnavailable when the hosts that were decided last cannot be read.
    """
    wanted = files or published(settings.mirrors)
    root = data_folder(settings.data_dir) / SETS
    hosts = await decided_hosts(settings)
    compare = partial(compared, hosts) if hosts else None
    resolver = make_resolver(settings, SystemClock())
    try:
        async with way_out(settings, resolver, dial) as egress:

            async def fetch(url: str, most: int) -> bytes:
                answer = await egress.request("GET", url, deadline=_PATIENCE, cap=most, purpose=Purpose.DATA)
                if answer.status != 200:
                    raise EvidenceUnavailable(f"answered {answer.status}; try again later, or name a mirror")
                return answer.body

            most = settings.data_moved_most
            outcome = await refresh(root, fetch, today, wanted, compare=compare, most_moved=most, work=work)
            return (*outcome, *await _second(settings, fetch, work))
    finally:
        await resolver.aclose()


async def _second(settings: Settings, fetch: Fetch, work: Work) -> list[Renewal]:
    """Fetch the operator's second geolocator, if an address of one is named."""
    url = settings.mirrors.get(second.NAME)
    if url is None:
        return []
    try:
        title = await work(second.keep, await fetch(url, second.MOST), settings.data_dir / second.FILE)
    except RouterError as error:
        return [Renewal(second.NAME, renewed=False, reason=error.message)]
    return [Renewal(second.NAME, renewed=True, reason=f"{title}; {second.NOTICE}")]


def published(mirrors: dict[str, str]) -> tuple[PublishedFile, ...]:
    """Return where each file is fetched. Raise CannotStart for a mirror of a file that is not fetched."""
    files = read_files(mirrors)
    known = sorted({second.NAME, *(f"{file.package}/{file.name}" for file in files)})
    for name in mirrors:
        if name not in known:
            raise CannotStart(f"There is no file {name} to mirror; the files are {', '.join(known)}.", field="mirrors")
    return files


def compared(hosts: Sequence[Sequence[Ip]], old: Path, new: Path) -> Moves:
    """Return what the sets of another folder would change of hosts."""
    with DataSets.open(old) as before, DataSets.open(new) as after:
        return moves(sources.build(before), sources.build(after), hosts)


async def decided_hosts(settings: Settings) -> list[tuple[Ip, ...]]:
    """Return the addresses of each host that was decided last; none where there is no router, and only sets serve.

    The database is only read, so a running router is not in the way. Raise StoreUnavailable, CannotStart.
    """
    try:
        keyring = open_keyring(settings.data_dir / MASTER_FILE)
    except FileNotFoundError:
        return []
    if not await is_made(settings.database, settings.data_dir):
        return []
    engine = engine_of(settings.database, settings.data_dir)
    await engine.open()
    try:
        rows = await engine.rows(_LAST)
    finally:
        await engine.close()
    found: dict[str | None, tuple[Ip, ...]] = {}
    for row in rows:
        with suppress(Damaged):  # of another master key, or changed: `doctor` and the audit say so
            trace = trace_of(keyring.unwrap(row["case_id"], row["wrapped"]), row["id"], row["sealed"])
            found.setdefault(trace.host, _addresses(trace))
    return [addresses for addresses in found.values() if addresses]


def _addresses(trace: Trace) -> tuple[Ip, ...]:
    return tuple(ip_address(one.ip) for one in trace.addresses)


async def keep_fresh(
    settings: Settings,
    clock: Clock,
    *,
    again: Callable[[date], Awaitable[Any]] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    draw: Callable[[], float] = _RANDOM.random,
) -> None:
    """Renew the sets every `data_refresh_days`, until cancelled; at once return where the operator allows none of it.

    `again` is what is done each time, `draw` a number from 0 to 1 by which a wait is longer: both are for tests.
    """
    days = settings.data_refresh_days
    if days is None:
        return
    renewing = again or partial(_renew_apart, settings)
    while True:
        await sleep(pause(_last(settings), clock.now().timestamp(), days, draw()))
        try:
            async with asyncio.timeout(_LONGEST):
                await renewing(clock.now().date())
        except Exception as error:  # noqa: BLE001 - whatever a refresh does, the next one is not to be lost by it
            get_log("data").warning("data_refresh_failed", error=type(error).__name__)
        _tried(settings)


def pause(last: float, now: float, days: int, draw: float) -> float:
    """Return the seconds until the next refresh; `last` and `now` are seconds since 1970, `draw` is from 0 to 1."""
    whole = timedelta(days=days).total_seconds()
    return max(_AT_LEAST, last + whole - now) * (1 + _JITTER * draw)


async def _renew_apart(settings: Settings, today: date) -> None:
    """Renew the sets with the heavy part in another process, and say in the log what came of it."""
    async with _another_process() as work:
        outcome = await renew(settings, today, work=work)
    waits = waiting(settings.data_dir / SETS) is not None
    failed = [one.name for one in outcome if one.failed]
    renewed = [one.name for one in outcome if one.renewed]
    get_log("data").info("data_refreshed", renewed=renewed, failed=failed, waits=waits)


@asynccontextmanager
async def _another_process() -> AsyncIterator[Work]:
    pool = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), initializer=os.nice, initargs=(10,))
    others = set(active_children())

    async def work(run: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, run, *given)

    try:
        await work(os.getpid)
        ours = set(active_children()) - others
        try:
            yield work
        finally:
            for process in ours:  # what was given up is not waited for
                process.terminate()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _mark(settings: Settings) -> Path:
    return settings.data_dir / SETS / ".tried"


def _last(settings: Settings) -> float:
    """Return when the sets were last asked for, in seconds since 1970; 0 when never."""
    try:
        return _mark(settings).stat().st_mtime
    except OSError:
        return 0.0


def _tried(settings: Settings) -> None:
    with suppress(OSError):
        _mark(settings).parent.mkdir(exist_ok=True)
        _mark(settings).touch()
