"""`make bench`: measure everything that must be reached, print one table, write `benchmarks/results.json`.

    python benchmarks/run.py [--only NAME ...] [--soak]

Quick sizes by default, some six minutes on a quiet machine; `--soak` takes ten times as much, locates a file of a
million lines, kills the worker fifty times while it delivers, and writes `benchmarks/soak.json` with date and commit
instead. Each measurement is a process of its own, so that none inherits another's heap. A row that misses its target
says so; the exit code stays 0, since speed depends on the machine and on what else runs there.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import faults
from benchmarks.table import Row, row

ROOT = Path(__file__).resolve().parent.parent
RESULTS, SOAK = ROOT / "benchmarks" / "results.json", ROOT / "benchmarks" / "soak.json"
#: The issue's own numbers: kills of the worker while so many referrals are delivered.
KILLS, KILLED_REFERRALS = 50, 2_000
#: Twenty times what CI runs of everything at once, on each engine; some ten minutes each on an idle machine.
CHAOS_KILLS = int(os.environ.get("ROUTER_CHAOS_KILLS", "120"))
CHAOS_REFERRALS = int(os.environ.get("ROUTER_CHAOS_REFERRALS", "1200"))
HELP_MS = 300.0


def going_the_whole_way(times: int) -> list[Row]:
    """From the first POST to the last receipt."""
    from benchmarks.whole_way import REPORTS, measure

    return measure(REPORTS * times)


def deciding(times: int) -> list[Row]:
    """Verdict, facts, policy, recipient."""
    from benchmarks.decision import URLS, measure

    return measure(URLS * min(times, 5))


def locating(times: int) -> list[Row]:
    """Offline verdicts."""
    from benchmarks.locate_speed import measure

    return measure(20_000 * times)


def resolving(times: int) -> list[Row]:
    """DNS; left out, with a word how to get there, where nsd or dnsperf are missing."""
    from benchmarks.dns_speed import measure

    if not all(shutil.which(name) or Path(f"/usr/sbin/{name}").exists() for name in ("nsd", "dnsperf")):
        print("DNS is left out: apt-get install nsd dnsperf", file=sys.stderr)
        return []
    return measure(10_000 * min(times, 5), 100_000 * min(times, 5))


def taking(times: int) -> list[Row]:
    """Durable batch intake."""
    from benchmarks.intake import REPORTS, measure

    return measure(REPORTS * times)


def delivering(times: int) -> list[Row]:
    """Delivery end to end, and how soon one arrives."""
    from benchmarks.delivery import REFERRALS, SINGLES, measure

    return measure(REFERRALS * times, SINGLES * times)


def sending(times: int) -> list[Row]:
    """What one process of the delivery client sends, without the store."""
    from benchmarks.delivery_client import rates

    found = rates(1.0 * times)
    limit = ("bare client, POST", found["bare client, POST"].per_second)
    return [row(f"delivery client: {name}", rate.per_second, "referrals/s", limit) for name, rate in found.items()]


def helping(times: int) -> list[Row]:
    """Time of `--help`, the best of some: what the program itself takes, beside an interpreter that does nothing."""

    def best(*command: str) -> float:
        spent = []
        for _ in range(5 * times):
            begun = time.perf_counter()
            subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
            spent.append(time.perf_counter() - begun)
        return min(spent) * 1000

    bare = best("-c", "pass")
    return [row("--help", best("main.py", "--help"), "ms", ("an interpreter that does nothing, ms", bare), HELP_MS)]


def killing(_: int) -> list[Row]:
    """End the worker by SIGKILL, again and again, while it delivers: lost or doubled, on both engines."""
    kills = {"ROUTER_KILLS": str(KILLS), "ROUTER_REFERRALS": str(KILLED_REFERRALS)}
    name = f"engines on which {KILLS} kills during {KILLED_REFERRALS} referrals lost or doubled something"
    return [_killed("tests/faults/test_kill.py", kills, name)]


def everything_at_once(_: int) -> list[Row]:
    """Deaths, cut commits, wrong clocks, a partner that misbehaves and staff, on both engines: what went wrong, of all.

    The judge reads what the partner wrote down, and what staff were told (`tests/faults/test_chaos.py`).
    """
    rows = []
    for engine in ("sqlite", "postgresql"):
        size = {"ROUTER_CHAOS_KILLS": str(CHAOS_KILLS), "ROUTER_CHAOS_REFERRALS": str(CHAOS_REFERRALS)}
        test = ["tests/faults/test_chaos.py", "-k", engine, "-q", "-s", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *test], cwd=ROOT, env=os.environ | size, capture_output=True, check=False
        )
        said = [line for line in done.stdout.decode().splitlines() if line.startswith('{"engine"')]
        found: dict[str, int] = json.loads(said[-1]) if said else {}
        wrong = sum(found.get(name, 1) for name in ("lost", "doubled", "stuck", "told otherwise", "chains broken"))
        names = ("killed", "commits cut", "wrong clocks", "troubles", "acts of staff")
        told = ", ".join(f"{found.get(name, 0)} {name}" for name in names)
        rows.append(
            row(
                f"chaos on {engine}, {CHAOS_REFERRALS} referrals ({told})",
                float(wrong),
                "lost, doubled, stuck, mistold",
            )
            | {"target": 0, "ok": done.returncode == 0 and wrong == 0}
        )
    return rows


def _killed(test: str, kills: dict[str, str], name: str) -> Row:
    command = [sys.executable, "-m", "pytest", test, "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | kills, check=False)
    return row(name, float(done.returncode != 0), "", None, None) | {"target": 0, "ok": done.returncode == 0}


def locating_files(times: int) -> list[Row]:
    """A file of locations through `locate --input`: a million lines in a long run."""
    from benchmarks.locate_bulk import rows

    return rows(100_000 * times)


def staying_flat(times: int) -> list[Row]:
    """Figures, lists and a case beside many others, written in bulk: a million in a long run."""
    from benchmarks.flat import QUICK as SIZES
    from benchmarks.flat import SOAK as LARGE
    from benchmarks.flat import measure

    return measure(SIZES if times == 1 else LARGE)


def waiting(_: int) -> list[Row]:
    """A million open cases beside a router that has nothing to do, and what it takes to erase them."""
    from benchmarks.waiting import measure

    return measure()


def working_at_the_desk(_: int) -> list[Row]:
    """Ten people beside 100,000 open items."""
    from benchmarks.desk_work import measure

    return measure()


def being_urgent(_: int) -> list[Row]:
    """A child at risk behind a crawler's hundred thousand."""
    from benchmarks.urgent import measure

    return measure()


#: What is measured, in order. A new one: its file and a line here.
QUICK: dict[str, Callable[[int], list[Row]]] = {
    "whole way": going_the_whole_way,
    "decision": deciding,
    "locate": locating,
    "dns": resolving,
    "intake": taking,
    "client": sending,
    "delivery": delivering,
    "flat": staying_flat,
    "help": helping,
}
LONG = {
    **QUICK,
    "bulk": locating_files,
    "waiting": waiting,
    "desk": working_at_the_desk,
    "urgent": being_urgent,
    "kill": killing,
    "kill at a hub": faults.at_a_hub,
    "kill at its commits": faults.at_its_commits,
    "cut at a hub": faults.by_a_cut,
    "kill at a unit": faults.at_a_unit,
    "pull": faults.from_a_hub,
    "chaos": everything_at_once,
}


def collect(names: list[str], times: int, after: Callable[[list[Row]], None]) -> list[Row]:
    """Return all rows, each measurement from a fresh process; the first says what else the machine did.

    `after` gets what is there after each, so that a run that is cut short leaves what it measured.
    """
    rows = [row("load of the machine before, from others", os.getloadavg()[0], f"processes on {os.cpu_count()} cores")]
    for name in names:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
            rows += apart.submit(LONG[name], times).result()
        after(rows)
    return rows


def show(rows: list[Row]) -> None:
    """Print the table."""
    from rich.console import Console
    from rich.table import Table

    table = Table("measured", "value", "unit", "limit of the same run", "ratio", "target", "reached")
    for one in rows:
        limit = "" if one["limit"] is None else f"{one['limit']:,} {one['limit_name']}"
        target = "" if one["target"] is None else f"{one['target']:,}"
        reached = "" if one["target"] is None else ("yes" if one["ok"] else "NO")
        ratio = "" if one["ratio"] is None else f"{one['ratio']:.3g}"
        table.add_row(one["name"], f"{one['value']:,}", one["unit"], limit, ratio, target, reached)
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def commit() -> str:
    """Return the commit that was measured."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--only", nargs="+", choices=[*LONG], metavar="NAME", help="these alone; results.json stays as it is"
    )
    parser.add_argument("--soak", action="store_true")
    given = parser.parse_args()
    write = keep if given.soak else (lambda _: None) if given.only else replace
    show(collect(given.only or [*(LONG if given.soak else QUICK)], 10 if given.soak else 1, write))


def replace(rows: list[Row]) -> None:
    """Write the quick run's rows in place of those of the run before."""
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def keep(rows: list[Row]) -> None:
    """Write what took long beside what is there from before, each row with its own date and commit."""
    known: list[Row] = json.loads(SOAK.read_text(encoding="utf-8")) if SOAK.exists() else []
    when = {"date": datetime.now(UTC).date().isoformat(), "commit": commit()}
    found = {one["name"]: one for one in known} | {one["name"]: one | when for one in rows}
    SOAK.write_text(json.dumps([*found.values()], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
