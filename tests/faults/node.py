"""One worker process of a router, to be killed: `python -m tests.faults.node SETTINGS.json`.

It is the product's own worker, put together by `app.build`; only the dial is injected, as in every test.
"""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

from router.app import build
from router.settings import Settings
from tests.neighbours import MovableClock, Nowhere


async def run(path: Path) -> None:
    """Work until killed."""
    placed = json.loads(path.read_text(encoding="utf-8"))
    ports: dict[str, int] = placed["ports"]

    def dial(ip: str, port: int) -> tuple[str, int]:
        if ip not in ports:
            raise Nowhere
        return "127.0.0.1", ports[ip]

    clock = MovableClock(timedelta(seconds=placed["ahead"]))
    async with build(Settings.load(**placed["settings"]), clock=clock, dial=dial) as router:
        sys.stdout.write("working\n")
        sys.stdout.flush()
        await router.worker().run()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1])))
