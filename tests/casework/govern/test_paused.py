"""The mark of a restore: read as it was written, and in words that say what ends it."""

from router.casework.govern.paused import MARK, Paused, paused
from router.store.base import Add, Transition
from router.store.schema.tables import meta
from tests.casebook import Casebook


async def test_a_mark_is_read_as_it_was_written(book: Casebook) -> None:
    assert await paused(book.ctx.store) is None
    found = Paused(point=1_764_000_000_000_000, restored_at=1_764_000_100_000_000, ledger=3)
    name, value = found.mark()
    assert name == MARK
    await book.ctx.store.commit(Transition(0, adds=[Add(meta, {"name": name, "value": value})]))
    assert await paused(book.ctx.store) == found
    assert "2025-11-24 16:00 UTC" in found.text
    assert "release" in found.text
