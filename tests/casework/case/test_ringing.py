"""What is placed with an alarm and the alarm's row are one commit, whoever places it."""

from router.casework.case.ringing import with_alarms
from router.store.base import Change, Transition
from router.store.schema.tables import alarms, cases
from tests.casebook import FORM, Casebook


async def test_a_child_at_risk_rings_from_the_moment_it_is_placed(book: Casebook) -> None:
    case_id = await book.decided(urgency="live")
    case = await book.case(case_id)
    (alarm,) = await book.rows(alarms)
    assert (alarm["id"], alarm["case_id"], alarm["code"]) == (case["desk_alarm"], case_id, case["desk_code"])
    assert alarm["next_at"] == alarm["placed_at"] == case["desk_since"] == book.ctx.now()


async def test_what_endangers_nobody_now_does_not(book: Casebook) -> None:
    await book.decided(actor=FORM)
    assert await book.rows(alarms) == []


async def test_a_retrace_neither_rings_again_nor_stops_the_ringing(book: Casebook) -> None:
    case_id = await book.decided(urgency="live")
    before = await book.case(case_id)
    book.later(minutes=10)
    await book.retraced(case_id)
    after = await book.case(case_id)
    assert len(await book.rows(alarms)) == 1
    kept = ("desk_code", "desk_since", "desk_first_since", "desk_due", "desk_alarm", "acknowledged_at")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_a_transition_that_places_nothing_is_left_as_it_is() -> None:
    change = Change(cases, {"id": "c"}, {"desk_alarm": None, "desk_code": None}, 1)
    quiet = Transition(1, (change,))
    assert with_alarms(quiet) is quiet
