"""A process that commits until it is killed: `python -m tests.store.committing URL FOLDER`.

Each transition adds a row to two tables, changes a third and records an event; the name of every one that was
acknowledged is written to standard output at once.
"""

import asyncio
import os
import sys
from pathlib import Path

from router.store.base import Transition
from router.store.connect import open_store
from router.store.ids import new_id
from router.store.writer import Writer
from tests.store.samples import KEYRING, NOW, failures, nonce, referral

CALLERS = 20


async def commit_for_ever(store: Writer, caller: int) -> None:
    while True:
        name = new_id()
        counted = failures(0, None, str(caller))
        await store.commit(Transition(NOW, [counted], [*nonce(name).adds, referral(name)], [], nonce(name).events))
        os.write(1, f"{name}\n".encode())


async def main() -> None:
    store = await open_store(sys.argv[1], Path(sys.argv[2]), KEYRING)
    await asyncio.gather(*(commit_for_ever(store, caller) for caller in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(main())
