"""What long trials of hand-overs found: `make soak` runs them at full size, and keeps a row of each way and engine.

Each test prints a line of JSON with its figures once it is over; what is wrong among them is the row's value, and the
rest stands beside it, so that a row also says how much was tried.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.table import Row, row

ROOT = Path(__file__).resolve().parent.parent
#: The issue's own numbers, and how many referrals the killed hand over meanwhile.
KILLS, REFERRALS, CUTS, ITEMS = 200, 120, 100, 2_000
#: More commits than a life has among the steps at a hub: what is done together is committed together.
COMMITS = 6
#: A line of figures, behind what pytest prints of tests that are over, and before what it prints of this one.
_FIGURES = re.compile(r'^[.sF]*(\{"engine".*\})\n(?=([.F]))', re.MULTILINE)
_WRONG = ("lost", "doubled", "missed", "taken twice")


def at_a_hub(_: int) -> list[Row]:
    """End the worker by SIGKILL while it hands cases to a hub, which takes several calls each, in either way."""
    kills = {"ROUTER_HUB_KILLS": KILLS, "ROUTER_HUB_REFERRALS": REFERRALS}
    return tried("test_kill_hub", kills, f"{KILLS} kills among the steps at a hub, {REFERRALS} referrals")


def at_its_commits(_: int) -> list[Row]:
    """End it before and after each of its commits."""
    commits = {"ROUTER_COMMITS": COMMITS}
    return tried("test_kill_commits", commits, f"a kill before and after each of {COMMITS} commits of a life at a hub")


def by_a_cut(_: int) -> list[Row]:
    """Cut the wire to a hub after bytes of a whole session, ours or theirs."""
    return tried("test_cut_hub", {"ROUTER_HUB_CUTS": CUTS}, f"the wire to a hub cut at {CUTS} places each way")


def at_a_unit(_: int) -> list[Row]:
    """End the worker by SIGKILL while it hands bundles to a police unit."""
    return tried("test_kill_unit", {"ROUTER_UNIT_KILLS": KILLS}, f"{KILLS} kills while a police unit gets bundles")


def from_a_hub(_: int) -> list[Row]:
    """Read a hub's inbox through outages of every kind."""
    return tried("test_pull_hub", {"ROUTER_PULL_ITEMS": ITEMS}, f"{ITEMS:,} items of a hub's inbox through outages")


def tried(test: str, size: dict[str, int], name: str) -> list[Row]:
    """Run a test of `tests/faults` at a size; return a row for each line of figures that it printed."""
    command = [sys.executable, "-m", "pytest", f"tests/faults/{test}.py", "-q", "-s", "-m", "not soak"]
    sizes = {key: str(value) for key, value in size.items()}
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"], cwd=ROOT, env=os.environ | sizes, capture_output=True, check=False
    )
    said = done.stdout.decode()
    if done.returncode:
        print(said, file=sys.stderr)
    return rows_of(name, said)


def rows_of(name: str, said: str) -> list[Row]:
    """Return the rows of what a test printed; one that says so where it came to no figures."""
    found = [_row(name, json.loads(figures), passed=end == ".") for figures, end in _FIGURES.findall(said)]
    return found or [_row(name, {"lost": 1}, passed=False)]


def _row(name: str, found: dict[str, Any], *, passed: bool) -> Row:
    where = [str(found.pop(key)) for key in ("way", "engine") if key in found]
    wrong = {key: found.pop(key) for key in _WRONG if key in found}
    tried_so = ", ".join(f"{value} {key}" for key, value in found.items())
    named = ": ".join((name, " on ".join(where))) if where else name
    unit = " or ".join(wrong) + (f" ({tried_so})" if tried_so else "")
    value = sum(wrong.values())
    return row(named, float(value), unit) | {"target": 0, "ok": passed and value == 0}
