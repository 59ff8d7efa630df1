"""A process that purges and dies on the way; `tests/faults/test_kill_purge.py` starts it."""

import asyncio
import os
import signal
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from router.casework.retention import purge
from tests.casebook import ANNA, casebook
from tests.casework.retention.lives import URLS

#: Cases erased side by side: small, so that one purge is many commits.
PAGE = 3


def erase(folder: Path, at: int, within: float) -> None:
    """Purge what is in a folder, and die so many seconds after the `at`th page was begun, if there is one."""
    asyncio.run(_erase(folder, at, within))


async def _erase(folder: Path, at: int, within: float) -> None:
    purge.PAGE = PAGE  # type: ignore[misc] # a year of cases in a second
    async with casebook(folder) as book:
        book.clock.advance(URLS + timedelta(days=1))
        store, begun = book.ctx.store, 0
        commit = store.commit_all

        async def counted(*given: Any) -> Any:
            nonlocal begun
            begun += 1
            if begun == at:
                threading.Timer(within, os.kill, (os.getpid(), signal.SIGKILL)).start()
            return await commit(*given)

        store.commit_all = counted  # type: ignore[method-assign] # to know where it is
        await purge.purge(book.ctx, ANNA)
