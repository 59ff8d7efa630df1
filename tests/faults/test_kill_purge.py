"""kill -9 of a purge at any moment: each case is whole or gone, what is gone stays gone, and the next run goes on.

Most of its seconds are a dozen processes that each open a store.
"""

import asyncio
import multiprocessing
import signal
from pathlib import Path
from random import Random

import pytest

from router.casework.case.record import open_case
from router.casework.retention.purge import purge
from router.store.checkpoint import verify_audit
from router.store.schema.tables import audit, case_keys, cases, items
from schemas.retention import Kept
from tests.casebook import ANNA, Casebook, casebook
from tests.casework.retention.lives import CASES, URLS, closed
from tests.faults.dying import PAGE, erase

pytestmark = pytest.mark.faults
MANY = 6 * PAGE
#: Seconds after a page was begun: within its commit, between two, or never reached.
MOMENTS = (0.0, 0.001, 0.003, 0.01, 0.03)
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.dying"])


async def test_a_purge_that_is_cut_at_any_moment_is_gone_on_with(tmp_path: Path) -> None:
    random = Random(tmp_path.name)  # noqa: S311 - moments, not secrets
    async with casebook(tmp_path) as book:
        for n in range(MANY):
            await closed(book, location=f"https://example.test/{n}", reference=f"r-{n}")
    gone, died = set[str](), 0
    for at in (1, 2, 1, 3, 1, 2):
        process = _FORKS.Process(target=erase, args=(tmp_path, at, random.choice(MOMENTS)))
        await asyncio.to_thread(process.start)
        await asyncio.to_thread(process.join)
        died += process.exitcode == -signal.SIGKILL
        async with casebook(tmp_path) as book:
            left = await _each_is_whole_or_gone(book)
            assert gone <= left, "what was erased is back"
            gone = left
    assert died >= 2, "they are to die on the way"
    async with casebook(tmp_path) as book:
        book.clock.advance(URLS)
        erased = (await purge(book.ctx, ANNA)).erased
        assert erased.get(Kept.URLS, 0) == MANY - len(gone)
        assert len(await _each_is_whole_or_gone(book)) == MANY
        said = [row["case_id"] for row in await book.rows(audit, audit.c.act == "case.erased")]
        assert (len(said), len(set(said))) == (MANY, MANY), "each once"
        book.clock.advance(CASES)
        assert (await purge(book.ctx, ANNA)).erased == {Kept.CASES: MANY}
        assert await book.rows(cases) == []


async def _each_is_whole_or_gone(book: Casebook) -> set[str]:
    """Return the cases whose location is erased; fail for one that is neither whole nor gone."""
    keys = {row["case_id"] for row in await book.rows(case_keys)}
    gone = set()
    for row in await book.rows(cases):
        kept = [one for one in await book.rows(items, items.c.case_id == row["id"]) if one["sealed"] != b""]
        is_gone = row["erased"] == Kept.URLS
        assert (row["id"] in keys, row["sealed"] != b"", row["url_bidx"] != b"", bool(kept)) == (not is_gone,) * 4
        if is_gone:
            gone.add(row["id"])
        else:
            assert (await open_case(book.ctx, row)).secrets.canonical.startswith("https://example.test/")
    _, findings = await verify_audit(book.ctx.store.rows, book.ctx.keyring)
    assert findings == []
    return gone
