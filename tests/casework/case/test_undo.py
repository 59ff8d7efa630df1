"""What the last act changed is kept until anything else happens to the case."""

from router.casework.case.undo import kept, restored, undo_of
from router.casework.desk import case_acts
from tests.casebook import ANNA, FORM, Casebook


async def test_it_is_the_last_act_only_as_long_as_nothing_came_after(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    before = await book.case(case_id)
    assert undo_of(before) is None
    await case_acts.refer(book.ctx, case_id, ANNA, "mine", partner="hotline-ca", assessment="baseline")
    case = await book.case(case_id)
    last = undo_of(case)
    assert last is not None
    assert (last.act, list(last.made), last.rang) == ("refer", [(await book.referral(case_id))["id"]], False)
    back = restored(last)
    assert {name: before[name] for name in back if name != "undo"} == {
        name: value for name, value in back.items() if name != "undo"
    }
    assert undo_of(case | {"version": case["version"] + 1}) is None


async def test_an_alarm_that_nobody_answered_is_to_ring_anew(book: Casebook) -> None:
    case_id = await book.decided(urgency="live")
    case = await book.case(case_id)
    last = undo_of(case | kept(case, "send") | {"version": case["version"] + 1})
    assert last is not None
    assert restored(last)["desk_alarm"] not in (None, case["desk_alarm"])
    answered = case | {"acknowledged_at": 1}
    last = undo_of(answered | kept(answered, "send") | {"version": case["version"] + 1})
    assert last is not None
    assert (restored(last)["desk_alarm"], restored(last)["acknowledged_at"]) == (None, 1)
