"""kill -9 while everything is indexed anew: nobody works until it is gone on with, and then all is found as before.

Most of its seconds are processes that each open a store.
"""

import asyncio
import multiprocessing
import signal
from pathlib import Path
from random import Random

import pytest

from router.errors import CannotStart
from router.guard.master import MASTER_FILE, KeyFile, check_indexes, load_keys, write
from router.guard.seal import ID
from router.store.checkpoint import verify_audit
from router.store.schema.tables import cases, reports
from tests.faults.dying import PAGE, index, keyed
from tests.office import MASTER

pytestmark = pytest.mark.faults
MANY = 4 * PAGE
MOMENTS = (0.0, 0.001, 0.004, 0.02)
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.dying"])


async def test_it_is_gone_on_with_and_every_report_is_known_again(tmp_path: Path) -> None:
    random = Random(tmp_path.name)  # noqa: S311 - moments, not secrets
    path = tmp_path / MASTER_FILE
    write(path, KeyFile(MASTER))  # what the book's store signs with
    async with keyed(tmp_path) as book:
        ids = [await book.take(f"https://example.test/{n}", f"r-{n}") for n in range(MANY)]
        old = {*book.ctx.keyring.ids()}
    died, coming = 0, None
    for at in (1, 2, 1, 3, 99):
        process = _FORKS.Process(target=index, args=(tmp_path, at, random.choice(MOMENTS)))
        await asyncio.to_thread(process.start)
        await asyncio.to_thread(process.join)
        died += process.exitcode == -signal.SIGKILL
        keys = load_keys(path)
        if keys.index_coming is not None:
            assert coming in (None, keys.index_coming), "the same key is gone on with"
            coming = keys.index_coming
            with pytest.raises(CannotStart):
                check_indexes(path, reindexing=False)
    assert died >= 1, "it is to die on the way"
    assert load_keys(path).index_coming is None
    async with keyed(tmp_path) as book:
        assert old.isdisjoint({bytes(row["url_bidx"])[:ID] for row in await book.rows(cases)})
        assert [await book.take(f"https://example.test/{n}", f"r-{n}") for n in range(MANY)] == ids
        assert [await book.take(f"https://example.test/{n}", f"again-{n}") for n in range(MANY)] == ids
        assert len(await book.rows(reports)) == 2 * MANY
        _, findings = await verify_audit(book.ctx.store.rows, book.ctx.keyring)
        assert findings == []
