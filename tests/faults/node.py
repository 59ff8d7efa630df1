"""One worker process of a router, to be killed; `tests/faults/processes.py` starts it.

It is the product's own worker, put together by `app.build`; only the dial is injected, as in every test.
"""

import asyncio
import json
import os
import signal
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from router.app import build
from router.partners.dropbox.folder import UnitFolder
from router.settings import Settings
from router.store.writer import Writer
from router.worker import ringing
from tests.neighbours import MovableClock, Nowhere


def live(path: Path, tells: Connection) -> None:
    """Work until killed; say so, with a byte, when it works."""
    asyncio.run(_work(path, tells))


async def _work(path: Path, tells: Connection) -> None:
    placed = json.loads(path.read_text(encoding="utf-8"))
    ports: dict[str, int] = placed["ports"]

    def dial(ip: str, port: int) -> tuple[str, int]:
        if ip not in ports:
            raise Nowhere
        return "127.0.0.1", ports[ip]

    if placed.get("look"):
        ringing._LOOK = placed["look"]  # type: ignore[misc] # fifteen seconds in production, of which nothing is shown
    ahead = placed["ahead"]  # None: by the database's clock, as in production
    clock = None if ahead is None else MovableClock(timedelta(seconds=ahead))
    async with build(Settings.load(**placed["settings"]), clock=clock, dial=dial) as router:
        die_at_commit(router.store, placed.get("dies_at", 0), after=placed.get("after", False))
        die_in_folder(placed.get("dies_in"))
        tells.send_bytes(b".")
        tells.close()
        await router.worker().run()


def die_at_commit(store: Writer, number: int, *, after: bool) -> None:
    """Let this process end itself by SIGKILL at its n-th commit of a group, before it or right after it; 0 is never."""
    engine = store._engine
    commit, left = engine.apply, number

    async def counted(group: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = await commit(group)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    if number:
        engine.apply = counted  # type: ignore[method-assign] # a fault that only a test makes


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_folder(moment: str | None) -> None:
    """Let this process end itself by SIGKILL at a moment of giving a bundle to a police unit's folder."""
    write, carry, replace = UnitFolder._write, UnitFolder.carry, Path.replace

    def half_written(part: Path, content: bytes) -> None:
        if moment == "half written":
            with part.open("wb", buffering=0) as file:
                file.write(content[: len(content) // 2])
            die()
        write(part, content)
        if moment == "written":
            die()

    def carried(self: UnitFolder, name: str) -> None:
        if moment == "not named yet":
            die()
        carry(self, name)
        if moment == "named and told nobody":
            die()

    def replaced(self: Path, target: Path) -> Path:
        found = replace(self, target)
        if moment == "named":
            die()
        return found

    if moment is not None:
        UnitFolder._write, UnitFolder.carry, Path.replace = staticmethod(half_written), carried, replaced  # type: ignore[assignment, method-assign] # faults that only a test makes
