"""Those who run the router read what is wrong with an inbox, in one place."""

from router.casework.intake.hub_state import inbox_state
from router.store.base import Add, Transition
from router.store.schema.tables import hub_inboxes, hub_items
from tests.casebook import Casebook


async def test_an_inbox_that_is_read_and_taken_says_nothing(book: Casebook) -> None:
    row = {"partner": "iccam", "version": 1, "due_at": 1}
    await book.ctx.store.commit(Transition(1, adds=(Add(hub_inboxes, row),)))
    assert await inbox_state(book.ctx, "iccam") == ""


async def test_what_could_not_be_taken_read_or_seen_is_named(book: Casebook) -> None:
    now = book.ctx.now()
    row = {"partner": "iccam", "version": 1, "due_at": 1, "full_since": now, "last_text": "The hub is away."}
    bad = [{"partner": "iccam", "number": str(n), "state": "unfit", "listed_at": now + n} for n in range(7)]
    adds = (Add(hub_inboxes, row), *(Add(hub_items, one) for one in bad))
    await book.ctx.store.commit(Transition(now, adds=adds))
    said = await inbox_state(book.ctx, "iccam")
    assert said.startswith("7 of its contents could not be taken (6, 5, 4, 3, 2, …)")
    assert "shows only the newest" in said
    assert said.endswith("It could not be read the last time: The hub is away.")
    assert await inbox_state(book.ctx, "another") == ""
