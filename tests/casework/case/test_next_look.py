"""When a case is looked at next: the earliest of what is due."""

from router.casework.case import next_look
from router.casework.desk import case_acts, referral_acts
from router.store.base import Row
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook

HOUR = 3600 * 1_000_000
PATIENCE = 4 * HOUR


def a_row(state: str) -> Row:
    return {"state": state}


async def test_the_next_look_is_the_earliest_of_what_is_due(book: Casebook) -> None:
    now = book.ctx.now()
    assert next_look.later(book.ctx) == now + PATIENCE
    assert next_look.next_look(book.ctx, [a_row("waiting")], now + 5, None) == now + 5
    assert next_look.next_look(book.ctx, [a_row("waiting")], now + 9 * HOUR) == now + PATIENCE
    assert next_look.next_look(book.ctx, [a_row("accepted")], now + 9 * HOUR, now + 8 * HOUR) == now + 8 * HOUR
    assert next_look.next_look(book.ctx, [a_row("recalled")], None) is None


async def test_people_are_asked_after_the_patience_of_the_house(book: Casebook) -> None:
    assert next_look.patience(book.ctx) == PATIENCE
    assert next_look.look_at(None) == {"next_at": None}


async def test_a_check_that_is_done_is_due_no_more(book: Casebook) -> None:
    case_id = await book.accepted()
    due = await next_look.check_due(book.ctx, case_id)
    assert due is not None
    assert due > book.ctx.now()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    await case_acts.close(book.ctx, case_id, ANNA, "seen", outcome=Outcome.REMOVED)
    assert await next_look.check_due(book.ctx, case_id) is None
