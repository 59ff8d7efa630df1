"""Processes that erase, or index anew, and die on the way, for `test_kill_purge.py` and `test_kill_reindex.py`."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from router.casework.intake import reindex
from router.casework.retention import purge
from router.guard.master import MASTER_FILE, open_keyring
from tests.casebook import ANNA, Casebook, casebook
from tests.casework.retention.lives import URLS

#: Cases in one commit: few, so that what is done is many commits.
PAGE = 3


def erase(folder: Path, at: int, within: float) -> None:
    """Purge what is in a folder, and die so many seconds after the `at`th page was begun, if there is one."""

    async def run() -> None:
        purge.PAGE = PAGE  # type: ignore[misc] # a year of cases in a second
        async with casebook(folder) as book:
            book.clock.advance(URLS + timedelta(days=1))
            _dies(book, at, within)
            await purge.purge(book.ctx, ANNA)

    asyncio.run(run())


def index(folder: Path, at: int, within: float) -> None:
    """Index what is in a folder anew, and die likewise."""

    async def run() -> None:
        reindex._PAGE = PAGE  # type: ignore[misc] # likewise
        async with keyed(folder) as book:
            _dies(book, at, within)
            await reindex.reindex(book.ctx, folder / MASTER_FILE, lambda _: None)

    asyncio.run(run())


@asynccontextmanager
async def keyed(folder: Path) -> AsyncIterator[Casebook]:
    """Open a casebook under the key file of its folder."""
    async with casebook(folder) as book:
        path = folder / MASTER_FILE
        book.ctx = replace(book.ctx, keyring=open_keyring(path), key_file=path)
        yield book


def _dies(book: Casebook, at: int, within: float) -> None:
    store, begun = book.ctx.store, 0
    commit = store.commit_all

    async def counted(*given: Any) -> Any:
        nonlocal begun
        begun += 1
        if begun == at:
            threading.Timer(within, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return await commit(*given)

    store.commit_all = counted  # type: ignore[method-assign] # to know where it is
