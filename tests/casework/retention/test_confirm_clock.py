"""Who says that the clock is right is kept with what it showed, and why."""

import json
from datetime import timedelta

import pytest

from router.casework.believed import beat, doubt
from router.casework.retention.confirm_clock import confirm_clock
from router.errors import BadInput, Conflict
from router.store.schema.tables import audit
from tests.casebook import ANNA, Casebook


async def test_it_is_believed_and_written_down(book: Casebook) -> None:
    await beat(book.ctx)
    book.clock.move(timedelta(days=400))
    await beat(book.ctx)
    with pytest.raises(BadInput):
        await confirm_clock(book.ctx, ANNA, " ")
    await confirm_clock(book.ctx, ANNA, "the battery; it shows what my telephone shows, https://example.test/x")
    assert await doubt(book.ctx) is None
    (said,) = [row for row in await book.rows(audit) if row["act"] == "clock.confirmed"]
    assert said["actor"] == ANNA.id
    assert json.loads(said["detail"])["now"].startswith("2027-12-2")
    assert "battery" not in said["detail"]
    with pytest.raises(Conflict):
        await confirm_clock(book.ctx, ANNA, "once more")
