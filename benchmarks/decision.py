"""Decisions a second of one process: from a URL on an address to its verdict, facts, policy and recipient.

    python -m benchmarks.decision [--urls 20000]

The addresses are spread over all announced space, which is the worst case: no network is met twice. `met before`
decides on the same ones again. Policy and directory are those that ship. Beside it: the verdict alone, in the same run.
"""

import argparse
import json
import tempfile
from pathlib import Path

import uvloop

from benchmarks.locate_speed import rate, spread_addresses, urls
from benchmarks.table import Row, row
from router.app import build
from router.casework.case.record import case_row, open_case
from router.casework.decide.facts import facts
from router.casework.intake import take as intake
from router.cli.garbage import spare_collector
from router.data import DataSets
from router.hosting.location.url import read
from router.policy.decision import Rules, decide
from router.settings import Settings
from schemas.decision import Decision
from tests.neighbours import ANALYSTS, report

URLS = 20_000
TARGETS = {"never met": 20_000, "met before": 60_000}


async def _measure(count: int, folder: Path) -> list[Row]:
    async with build(Settings.load(data_dir=folder, resolvers=("127.0.0.1:9",))) as router:
        ctx = router.ctx
        taken = await intake.take(ctx, report("http://pages.tulip.test/1", "r-1"), ANALYSTS)
        opened = await open_case(ctx, await case_row(ctx, taken.items[0].case))
        version, policy = await ctx.governance.policy()
        directory = await ctx.governance.directory()
        spare_collector()

        def decided(url: str) -> Decision:
            known = facts(ctx, opened, ctx.tracer.offline(read(url)), directory, policy)
            return decide(Rules(version, policy, directory, ctx.clock.now()), known)

        with DataSets.open() as data:
            given, others = urls(spread_addresses(data, count)), urls(spread_addresses(data, count, seed=5))
        rows = []
        for title, target in TARGETS.items():
            limit = rate(lambda url: ctx.tracer.offline(read(url)), others)
            name = f"decision: verdict, facts, policy, recipient, {title}"
            rows.append(row(name, rate(decided, given), "decisions/s", (f"the verdict alone, {title}", limit), target))
        return rows


def measure(count: int = URLS) -> list[Row]:
    """Return the rows of one run with `count` URLs."""
    with tempfile.TemporaryDirectory() as folder:
        return uvloop.run(_measure(count, Path(folder)))


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--urls", type=int, default=URLS)
    for one in measure(parser.parse_args().urls):
        print(json.dumps(one))


if __name__ == "__main__":
    main()
