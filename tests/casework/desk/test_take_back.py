"""Two ways back: a closed case is opened again, and an act of which nothing has left is undone."""

import pytest

from router.casework.case.desk_entry import open_questions
from router.casework.desk import case_acts, take_back
from router.casework.read.case_file import case_file
from router.errors import Conflict
from router.store.schema.tables import alarms, audit
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome, Urgency
from tests.casebook import ANNA, FORM, Casebook

PAGE = "https://www.example.test/page"


async def test_a_closed_case_is_opened_again_and_has_no_outcome(book: Casebook) -> None:
    case_id = await book.accepted()
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    assert "reopen" in (await case_file(book.ctx, case_id)).acts
    book.later(hours=2)
    await take_back.reopen(book.ctx, case_id, ANNA, "it is back")
    case = await book.case(case_id)
    assert (case["state"], [one.code for one in open_questions(case)]) == (CaseState.DESK, [DeskCode.ASKED])
    assert (case["outcome"], case["closed_at"], case["rests_on"]) == (None, None, None)
    case = await book.step(case_id)  # a partner has it, so its next check is dated anew
    assert case["next_at"] == book.ctx.now() + (5 * 24 - 2) * 3600 * 1_000_000, "counted from when they took it"
    with pytest.raises(Conflict):
        await take_back.reopen(book.ctx, case_id, ANNA, "again")


async def test_what_was_reported_anew_has_its_own_case(book: Casebook) -> None:
    case_id = await book.decided(PAGE)
    await case_acts.close(book.ctx, case_id, ANNA, "over", outcome=Outcome.UNAVAILABLE)
    await book.decided(PAGE, "r-2")
    with pytest.raises(Conflict) as refused:
        await take_back.reopen(book.ctx, case_id, ANNA, "it is back")
    assert refused.value.reason == "reported_anew"


async def test_what_was_sent_and_has_not_left_is_undone(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    before = await book.case(case_id)
    await case_acts.send(book.ctx, case_id, ANNA, "agreed", assessment="baseline")
    assert "undo" in (await case_file(book.ctx, case_id)).acts
    book.later(minutes=3)
    await take_back.undo(book.ctx, case_id, ANNA)
    after = await book.case(case_id)
    assert open_questions(after) == open_questions(before)
    names = ("state", "assessment", "staff_assessment", "desk_first_since", "next_at", "decision_id", "acknowledged_at")
    assert {name: after[name] for name in names} == {name: before[name] for name in names}
    assert (await book.referral(case_id))["state"] == ReferralState.SUPERSEDED
    await book.send()
    assert book.partner.calls == []
    with pytest.raises(Conflict) as refused:
        await take_back.undo(book.ctx, case_id, ANNA)
    assert refused.value.reason == "nothing_to_undo"
    (event,) = await book.rows(audit, audit.c.act == "case.undone")
    assert "send" in event["detail"]


async def test_what_has_left_is_not_undone(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await case_acts.send(book.ctx, case_id, ANNA, "agreed", assessment="baseline")
    await book.send()
    assert "undo" not in (await case_file(book.ctx, case_id)).acts
    with pytest.raises(Conflict):
        await take_back.undo(book.ctx, case_id, ANNA)
    assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED


async def test_an_answer_is_undone_with_the_clock_it_had(book: Casebook) -> None:
    case_id = await book.accepted()
    await case_acts.ask(book.ctx, case_id, ANNA, "look at this")
    before = open_questions(await book.case(case_id))
    book.later(minutes=5)
    await case_acts.done(book.ctx, case_id, ANNA, "looked")
    await take_back.undo(book.ctx, case_id, ANNA)
    assert open_questions(await book.case(case_id)) == before


async def test_who_acts_on_what_moved_on_hears_who_did_what(book: Casebook) -> None:
    case_id = await book.accepted()
    version = (await book.case(case_id))["version"]
    await case_acts.ask(book.ctx, case_id, ANNA, "look at this")
    with pytest.raises(Conflict) as refused:
        await case_acts.retrace(book.ctx, case_id, ANNA, "again", version=version)
    assert refused.value.message.startswith("Meanwhile, person:anna: case.asked, at ")
    (row,) = await book.referrals(case_id)
    assert row["state"] == ReferralState.ACCEPTED


async def test_what_was_reported_anew_offers_no_second_way_back(book: Casebook) -> None:
    case_id = await book.decided(PAGE)
    await case_acts.close(book.ctx, case_id, ANNA, "over", outcome=Outcome.UNAVAILABLE)
    await book.decided(PAGE, "r-2")
    assert "reopen" not in (await case_file(book.ctx, case_id)).acts


async def test_a_child_at_risk_rings_when_its_case_is_opened_again(book: Casebook) -> None:
    case_id = await book.decided(PAGE, urgency=Urgency.IMMINENT_RISK)
    await case_acts.close(book.ctx, case_id, ANNA, "over", outcome=Outcome.UNAVAILABLE)
    await take_back.reopen(book.ctx, case_id, ANNA, "it is back")
    case = await book.case(case_id)
    assert [one.code for one in open_questions(case)] == [DeskCode.CHILD_AT_RISK]
    assert case["desk_alarm"] is not None
    assert await book.rows(alarms, alarms.c.case_id == case_id) != []
