"""Who has read a letter that names no case says so once; the story is in `follow_up/test_letters.py`."""

import pytest

from router.casework.desk.letter_read import letter_read
from router.errors import Conflict, NotFound
from router.store.base import Add, Transition
from router.store.schema.tables import audit, unit_letters
from tests.casebook import ANNA, Casebook


async def test_it_is_said_once_of_what_waits(book: Casebook) -> None:
    for letter, nameless in (("waits", 1), ("named", 0)):
        row = {"id": letter, "partner": "federal-police", "at": book.ctx.now(), "nameless": nameless}
        await book.ctx.store.commit(Transition(book.ctx.now(), adds=(Add(unit_letters, row),)))
    await letter_read(book.ctx, "waits", ANNA)
    rows = {row["id"]: row for row in await book.rows(unit_letters)}
    assert (rows["waits"]["read_at"], rows["waits"]["read_by"]) == (book.ctx.now(), ANNA.id)
    last = (await book.rows(audit))[-1]
    assert (last["act"], last["actor"]) == ("unit.letter_read", ANNA.id)
    for letter in ("waits", "named"):
        with pytest.raises(Conflict):
            await letter_read(book.ctx, letter, ANNA)
    with pytest.raises(NotFound):
        await letter_read(book.ctx, "nobody", ANNA)
