"""What people have to tell a partner by hand comes back until somebody has said that it was done."""

from router.casework.case import tell_by_hand
from router.casework.deliver import withdraw
from router.casework.desk import case_acts, referral_acts
from router.store.base import Row, Transition
from schemas.casefile import DeskCode
from schemas.states import ReferralState
from tests.casebook import ANNA, Casebook

HOUR = 3600 * 1_000_000


async def to_tell(book: Casebook) -> Row:
    """A referral whose partner people are asked to tell by hand."""
    case_id = await book.accepted()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    row = await book.referral(case_id)
    await withdraw.withdrawn(book.ctx, [row], None)
    return row


async def test_a_case_that_leaves_the_desk_unanswered_is_asked_about_again(book: Casebook) -> None:
    row = await to_tell(book)
    case = await book.case(row["case_id"])
    assert case["desk_code"] == DeskCode.WITHDRAW
    (back,) = await tell_by_hand.asked_again(book.ctx, [case])
    assert (back.key, back.values["state"]) == ({"id": row["id"]}, ReferralState.WITHDRAWING)
    assert back.values["next_at"] == book.ctx.now() + HOUR == tell_by_hand.when_free(book.ctx.now())
    await book.ctx.store.commit(Transition(1, (back,)))


async def test_what_a_person_answered_is_not_asked_again(book: Casebook) -> None:
    row = await to_tell(book)
    await case_acts.retrace(book.ctx, row["case_id"], ANNA, "told them by phone")
    assert await tell_by_hand.asked_again(book.ctx, [await book.case(row["case_id"])]) == []


async def test_of_cases_with_no_such_question_nothing_is_asked(book: Casebook) -> None:
    assert await tell_by_hand.asked_again(book.ctx, [await book.case(await book.accepted())]) == []
