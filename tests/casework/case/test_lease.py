"""An item is one person's until its time is over; what they hand on is not theirs today."""

from router.casework.case.seen import HELD_FOR, handed_on, held_by, holders
from router.casework.desk.taking import pass_on, take
from router.clock import moment
from schemas.actor import Role
from tests.casebook import ANNA, FORM, Casebook
from tests.office import person

BERT = person("bert", Role.ANALYST)


async def test_it_is_theirs_until_its_time_is_over(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await take(book.ctx, case_id, ANNA)
    holder = (await holders(book.ctx, [case_id]))[case_id]
    assert (holder.by, holder.until) == ("person:anna", book.ctx.now() + HELD_FOR)
    assert holder.view(ANNA).model_dump() == {
        "by": "anna",
        "until": moment(holder.until),
        "mine": True,
        "viewing": None,
    }
    assert holder.view(BERT).mine is holder.view(None).mine is False
    assert await book.ctx.store.rows(held_by(book.ctx, ANNA)) == [{"case_id": case_id}]
    book.later(minutes=31)
    assert await holders(book.ctx, [case_id]) == {}
    assert await book.ctx.store.rows(held_by(book.ctx, ANNA)) == []


async def test_what_was_handed_on_is_so_for_that_person_and_that_day(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await pass_on(book.ctx, case_id, ANNA)
    assert await handed_on(book.ctx, [case_id], ANNA) == {case_id}
    assert await handed_on(book.ctx, [case_id], BERT) == set()
    book.later(days=1)
    assert await handed_on(book.ctx, [case_id], ANNA) == set()
