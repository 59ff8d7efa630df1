"""Decisions a second of one process: from a URL on an address to its verdict, facts, policy and recipient.

    python -m benchmarks.decision [--urls 20000]

The addresses are spread over all announced space, which is the worst case: no network is met twice. `met before`
decides on the same ones again. Policy and directory are those that ship. A rate is that of the process's own CPU, since
on a machine that does other things as well a clock on the wall measures those too; what the clock said stands in a row
beside it. The limits are those of the same run: the verdict alone, and the policy alone (facts, judgement, recipients
of verdicts that are there already). Each is the best of some rounds, in each a router that has met nothing yet.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from benchmarks.locate_speed import spread_addresses, urls
from benchmarks.table import Row, row
from router.app import build
from router.casework.case.record import Opened, case_row, open_case
from router.casework.context import Context
from router.casework.decide.facts import facts
from router.casework.intake import take as intake
from router.cli.garbage import spare_collector
from router.data import DataSets
from router.hosting.location.url import read
from router.policy.decision import Rules, decide
from router.settings import Settings
from schemas.decision import Decision
from schemas.trace import Trace
from tests.neighbours import ANALYSTS, report

URLS = 20_000
ROUNDS = 3
TARGETS = {"never met": 20_000, "met before": 60_000}
WHOLE, VERDICT, POLICY = "verdict, facts, policy, recipient", "the verdict alone", "the policy alone"


class Taken(NamedTuple):
    """Seconds that some work took: of this process's processor time, and by the clock."""

    cpu: float
    wall: float


def timed(work: Callable[[Any], object], inputs: Sequence[Any]) -> Taken:
    """Return what it took to do the work once for each input."""
    cpu, wall = time.process_time(), time.perf_counter()
    for given in inputs:
        work(given)
    return Taken(time.process_time() - cpu, time.perf_counter() - wall)


class Deciding:
    """Decides on one case of an analyst, wherever it is hosted."""

    def __init__(self, ctx: Context, opened: Opened, rules: Rules) -> None:
        """`rules` are those in force."""
        self._ctx, self._opened, self._rules = ctx, opened, rules

    def verdict(self, url: str) -> Trace:
        """Return where the embedded data say that a URL is hosted."""
        return self._ctx.tracer.offline(read(url))

    def policy(self, trace: Trace) -> Decision:
        """Return who receives what is hosted there."""
        rules = self._rules
        known = facts(self._ctx, self._opened, trace, rules.directory, rules.policy)
        return decide(Rules(rules.version, rules.policy, rules.directory, self._ctx.clock.now()), known)

    def whole(self, url: str) -> Decision:
        """Return both."""
        return self.policy(self.verdict(url))


async def one_round(count: int, seed: int) -> dict[tuple[str, str], Taken]:
    """Return what a router that has met nothing yet took for addresses: for some the whole, for others the limits."""
    with tempfile.TemporaryDirectory() as folder:
        async with build(Settings.load(data_dir=Path(folder), resolvers=("127.0.0.1:9",))) as router:
            ctx = router.ctx
            taken = await intake.take(ctx, report("http://pages.tulip.test/1", "r-1"), ANALYSTS)
            opened = await open_case(ctx, await case_row(ctx, taken.items[0].case))
            version, policy = await ctx.governance.policy()
            deciding = Deciding(ctx, opened, Rules(version, policy, await ctx.governance.directory(), ctx.clock.now()))
            with DataSets.open() as data:
                given, others = (urls(spread_addresses(data, count, seed=one)) for one in (seed, seed + 1))
            spare_collector()
            whole = {title: timed(deciding.whole, given) for title in TARGETS}
            verdict = {title: timed(deciding.verdict, others) for title in TARGETS}
            traces = [deciding.verdict(url) for url in others]
            policies = {title: timed(deciding.policy, traces) for title in TARGETS}
    parts = {WHOLE: whole, VERDICT: verdict, POLICY: policies}
    return {(title, part): of_part[title] for part, of_part in parts.items() for title in TARGETS}


async def _measure(count: int) -> list[Row]:
    rounds = [await one_round(count, 2 * number + 5) for number in range(ROUNDS + 1)][
        1:
    ]  # the first reads the files in
    best = {key: Taken(*map(min, zip(*(one[key] for one in rounds), strict=True))) for key in rounds[0]}
    return [line for title, target in TARGETS.items() for line in _rows(best, title, target, count)]


def _rows(best: dict[tuple[str, str], Taken], title: str, target: int, count: int) -> list[Row]:
    whole, verdict, policy = (best[title, part] for part in (WHOLE, VERDICT, POLICY))
    name, unit = f"decision: {WHOLE}, {title}", "decisions/s"
    limits = [(f"{part}, {title}", count / one.cpu) for part, one in ((VERDICT, verdict), (POLICY, policy))]
    return [
        row(name, count / whole.cpu, unit, limits[0], target),
        row(f"{name}, beside the policy alone", count / whole.cpu, unit, limits[1]),
        row(f"{name}, by the clock", count / whole.wall, unit, (f"{VERDICT}, {title}", count / verdict.wall)),
    ]


def measure(count: int = URLS) -> list[Row]:
    """Return the rows of one run with `count` URLs a round."""
    return uvloop.run(_measure(count))


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--urls", type=int, default=URLS)
    for one in measure(parser.parse_args().urls):
        print(json.dumps(one))


if __name__ == "__main__":
    main()
