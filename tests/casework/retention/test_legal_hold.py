"""A case is held once, by somebody, and may be held again."""

import pytest

from router.casework.retention.legal_hold import end, hold, holds
from router.errors import Conflict, NotFound
from tests.casebook import ANNA, Casebook
from tests.casework.retention.lives import closed


async def test_held_listed_and_ended(book: Casebook) -> None:
    case_id = await closed(book)
    with pytest.raises(Conflict):
        await end(book.ctx, case_id, ANNA, "nothing")
    for _ in range(2):
        await hold(book.ctx, case_id, ANNA, "a court")
        assert [(one.case, one.by) for one in await holds(book.ctx)] == [(case_id, ANNA.id)]
        with pytest.raises(Conflict):
            await hold(book.ctx, case_id, ANNA, "twice")
        await end(book.ctx, case_id, ANNA, "done")
        assert await holds(book.ctx) == []


async def test_what_is_not_here_cannot_be_held(book: Casebook) -> None:
    with pytest.raises(NotFound):
        await hold(book.ctx, "01999999-0000-7000-8000-000000000000", ANNA, "a court")
