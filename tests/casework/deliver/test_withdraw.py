"""What came of telling a partner to drop a referral: whoever cannot be told by us is told by people, closed or not."""

from collections.abc import Awaitable, Callable

import pytest

from router.casework.case.desk_entry import is_asked, open_questions, question_of
from router.casework.deliver import withdraw
from router.casework.desk import case_acts, referral_acts
from router.casework.intake import assessment
from router.delivery.schedule import STEPS
from router.partners.base import Accepted, Deferred, Outcome, Reason, Refused
from router.store.base import Change, Row, Transition
from router.store.schema.tables import audit, cases, referrals, reports
from schemas.casefile import DeskCode
from schemas.report import AssessmentLater
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Assessment
from schemas.vocabulary import Outcome as Ending
from tests.casebook import ANNA, CANADIAN, Casebook

HOUR = 3600 * 1_000_000
BUSY = Deferred(Reason.BUSY, "come later", 60.0)


async def withdrawing(book: Casebook) -> Row:
    case_id = await book.accepted()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    return await book.referral(case_id)


async def test_a_partner_that_dropped_it_ends_the_recall(book: Casebook) -> None:
    row = await withdrawing(book)
    await withdraw.withdrawn(book.ctx, [row], [Accepted("dropped")])
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.RECALLED
    assert (await book.case(row["case_id"]))["desk_code"] == DeskCode.OVERRULED


@pytest.mark.parametrize("outcomes", [None, [Refused(Reason.REFUSED, "no")]])
async def test_a_partner_that_cannot_be_told_is_told_by_hand(book: Casebook, outcomes: list[Outcome] | None) -> None:
    row = await withdrawing(book)
    await withdraw.withdrawn(book.ctx, [row], outcomes)
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.RECALLED
    assert (await book.case(row["case_id"]))["desk_code"] == DeskCode.WITHDRAW


async def test_a_partner_that_is_away_is_told_later(book: Casebook) -> None:
    row = await withdrawing(book)
    await withdraw.withdrawn(book.ctx, [row], [BUSY])
    later = await book.referral(row["case_id"])
    assert later["state"] == ReferralState.WITHDRAWING
    assert later["next_at"] > book.ctx.now()
    assert later["claims"] == row["claims"]


async def test_after_the_last_try_people_tell_a_partner_that_stays_away(book: Casebook) -> None:
    row = await withdrawing(book)
    change = Change(referrals, {"id": row["id"]}, {"claims": len(STEPS)})
    await book.ctx.store.commit(Transition(1, (change,)))
    await withdraw.withdrawn(book.ctx, await book.referrals(row["case_id"]), [BUSY])
    assert (await book.case(row["case_id"]))["desk_code"] == DeskCode.WITHDRAW


async def closed_with_a_withdrawal(book: Casebook) -> Row:
    row = await withdrawing(book)
    await case_acts.close(book.ctx, row["case_id"], ANNA, "not illegal", outcome=Ending.NOT_ILLEGAL)
    return row


async def test_a_case_that_was_closed_meanwhile_is_opened_again_for_it(book: Casebook) -> None:
    row = await closed_with_a_withdrawal(book)
    await withdraw.withdrawn(book.ctx, [row], None)
    case = await book.case(row["case_id"])
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.WITHDRAW)
    assert case["desk_text"] == "Tell hotline-nl by hand that this was taken back, then close the case again."
    assert (case["outcome"], case["closed_at"], case["rests_on"]) == (None, None, None)
    (event,) = await book.rows(audit, audit.c.act == "case.reopened")
    assert "not_illegal" in event["detail"]
    book.later(minutes=5)
    await case_acts.close(book.ctx, row["case_id"], ANNA, "told them by phone", outcome=Ending.NOT_ILLEGAL)
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.RECALLED


async def test_a_closed_case_whose_partner_dropped_it_stays_closed(book: Casebook) -> None:
    row = await closed_with_a_withdrawal(book)
    await withdraw.withdrawn(book.ctx, [row], [Accepted("dropped")])
    assert (await book.case(row["case_id"]))["state"] == CaseState.CLOSED


async def test_reported_anew_meanwhile_the_case_that_is_open_now_has_the_question(book: Casebook) -> None:
    row = await closed_with_a_withdrawal(book)
    anew = await book.decided(reference="r-2")
    assert anew != row["case_id"]
    await withdraw.withdrawn(book.ctx, [row], None)
    case = await book.case(anew)
    assert case["desk_code"] == DeskCode.WITHDRAW
    assert case["desk_text"] == f"Tell hotline-nl by hand that its referral of case {row['case_id']} was taken back."
    assert (await book.case(row["case_id"]))["state"] == CaseState.CLOSED


@pytest.mark.parametrize("steps", [0, 1], ids=["received", "located"])
async def test_a_case_that_is_still_to_be_decided_is_decided_first(book: Casebook, steps: int) -> None:
    """A child may be at risk: on the desk with another case's question it would never be traced."""
    row = await closed_with_a_withdrawal(book)
    anew = await book.take(reference="r-2", urgency="imminent_risk")
    await book.step(anew, steps)
    await withdraw.withdrawn(book.ctx, [row], None)
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.RECALLED
    case = await book.step(anew, 2 - steps)
    assert [one.code for one in open_questions(case)] == [DeskCode.CHILD_AT_RISK, DeskCode.WITHDRAW]
    await case_acts.refer(book.ctx, anew, ANNA, "the child is safe", partner="hotline-ca")
    assert [one.code for one in open_questions(await book.case(anew))] == [DeskCode.WITHDRAW]


async def test_it_stands_beside_a_graver_question(book: Casebook) -> None:
    row = await withdrawing(book)
    at_risk = {"desk_code": DeskCode.CHILD_AT_RISK, "desk_text": "act"}
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": row["case_id"]}, at_risk),)))
    await withdraw.withdrawn(book.ctx, [row], None)
    case = await book.case(row["case_id"])
    assert (await book.referral(row["case_id"]))["state"] == ReferralState.RECALLED
    assert [one.code for one in open_questions(case)] == [DeskCode.CHILD_AT_RISK, DeskCode.WITHDRAW]


async def test_two_partners_to_tell_are_two_questions(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    for name in ("hotline-nl", "hotline-ca"):
        await book.send(name)
    for row in await book.referrals(case_id):
        await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    await withdraw.withdrawn(book.ctx, await book.referrals(case_id), None)
    rows = await book.referrals(case_id)
    assert {row["state"] for row in rows} == {ReferralState.RECALLED}
    told = [one.about for one in open_questions(await book.case(case_id)) if one.code is DeskCode.WITHDRAW]
    assert set(told) == {row["id"] for row in rows}


async def to_tell(book: Casebook) -> Row:
    """A referral whose partner people are asked to tell by hand."""
    row = await withdrawing(book)
    await withdraw.withdrawn(book.ctx, [row], None)
    assert (await book.case(row["case_id"]))["desk_code"] == DeskCode.WITHDRAW
    return row


async def graver_report(book: Casebook, case_id: str) -> None:
    await book.take(reference="r-2", urgency="imminent_risk")


async def assessed(book: Casebook, case_id: str) -> None:
    (report,) = await book.rows(reports)
    given = AssessmentLater(value=Assessment.NATIONAL, assessed_by="anna", assessed_at=book.clock.now())
    await assessment.assess(book.ctx, report["id"], given, ANNA)


async def found_elsewhere_by_the_check(book: Casebook, case_id: str) -> None:
    await book.send("hotline-ca")
    book.later(days=5)
    book.world.verdict = CANADIAN
    await book.step(case_id)


async def found_elsewhere_before_it_leaves(book: Casebook, case_id: str) -> None:
    book.later(days=2)
    book.world.verdict = CANADIAN
    await book.send("hotline-ca")


@pytest.mark.parametrize(
    "moves_on", [graver_report, assessed, found_elsewhere_by_the_check, found_elsewhere_before_it_leaves]
)
async def test_whatever_has_the_case_judged_anew_the_question_stays(
    book: Casebook, moves_on: Callable[[Casebook, str], Awaitable[None]]
) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    await book.send("hotline-nl")
    row = next(one for one in await book.referrals(case_id) if one["partner"] == "hotline-nl")
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    await withdraw.withdrawn(book.ctx, [one for one in await book.referrals(case_id) if one["id"] == row["id"]], None)
    asked = question_of(await book.case(case_id), DeskCode.WITHDRAW)
    await moves_on(book, case_id)
    case = await book.case(case_id)
    assert case["state"] in (CaseState.RECEIVED, CaseState.LOCATED)
    case = await book.step(case_id, 2 if case["state"] == CaseState.RECEIVED else 1)
    assert (case["state"], question_of(case, DeskCode.WITHDRAW)) == (CaseState.DESK, asked)


async def test_only_who_says_that_they_were_told_ends_it(book: Casebook) -> None:
    row = await to_tell(book)
    await case_acts.retrace(book.ctx, row["case_id"], ANNA, "look again")
    await book.step(row["case_id"], 2)
    await case_acts.refer(book.ctx, row["case_id"], ANNA, "there", partner="hotline-ca")
    assert is_asked(await book.case(row["case_id"]), DeskCode.WITHDRAW)
    await case_acts.done(book.ctx, row["case_id"], ANNA, "told them by phone")
    case = await book.case(row["case_id"])
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
