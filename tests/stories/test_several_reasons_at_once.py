"""A case is with people for several reasons at once: each has its own clock, and ends by its own answer (ADR 0011)."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from router.casework.case.desk_entry import open_questions
from router.casework.deliver import withdraw
from router.casework.desk import case_acts, referral_acts
from router.casework.desk.acknowledge import acknowledge
from router.casework.desk.handed_over import handed_over
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.casework.read.narrowed import kinds
from router.clock import moment
from router.errors import BadInput, Conflict
from router.partners.base import Reason, Refused, Unknown
from schemas.acts import HandedOver
from schemas.casefile import DeskCode
from schemas.pages import CasesWanted, DeskWanted, Waits
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, FORM, Casebook, casebook

ACCOUNT = {"account": {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}}


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


async def asked(book: Casebook, case_id: str) -> Sequence[DeskCode]:
    return [one.code for one in open_questions(await book.case(case_id))]


async def referral_to(book: Casebook, case_id: str, partner: str) -> str:
    return str(next(one["id"] for one in await book.referrals(case_id) if one["partner"] == partner))


async def with_two_partners_in_doubt(book: Casebook) -> str:
    """One partner refused it, the other may have it; and a person wants it looked at."""
    case_id = await book.decided(item=ACCOUNT)
    await case_acts.ask(book.ctx, case_id, ANNA, "somebody rang about it")
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send("hotline-nl")
    book.later(minutes=5)
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer came", for_people=True)]
    await book.send("hotline-ca")
    return case_id


async def test_each_reason_stands_with_its_own_clock_and_the_case_has_the_earliest(book: Casebook) -> None:
    case_id = await with_two_partners_in_doubt(book)
    file = await case_file(book.ctx, case_id)
    assert file.desk is not None
    assert {one.code for one in file.desk.questions} == {DeskCode.ASKED, DeskCode.REFUSED, DeskCode.UNKNOWN}
    assert file.desk.due == min(one.due for one in file.desk.questions)
    row = await book.case(case_id)
    assert file.summary.next_at == moment(min(row["desk_due"], row["next_at"]))
    assert file.desk.code is file.desk.questions[0].code is DeskCode.UNKNOWN
    by_code = {one.code: one for one in file.desk.questions}
    assert by_code[DeskCode.REFUSED].referral == await referral_to(book, case_id, "hotline-nl")
    assert by_code[DeskCode.ASKED].referral is None
    (one,) = (await lists.list_cases(book.ctx)).items
    assert (one.state, set(one.reasons)) == (CaseState.DESK, set(by_code))


async def test_lists_find_it_by_each_of_its_reasons_and_count_it_once(book: Casebook) -> None:
    case_id = await with_two_partners_in_doubt(book)
    other = await book.decided("https://other.test/", "r-2", actor=FORM)
    codes = await asked(book, case_id)
    for code in codes:
        desk = await lists.desk(book.ctx, DeskWanted(reason=code))
        listed = await lists.list_cases(book.ctx, CasesWanted(reason=code))
        assert ([one.case for one in desk.items], desk.total) == ([case_id], 1)
        assert ([one.id for one in listed.items], listed.total) == ([case_id], 1)
    assert [one.case for one in (await lists.desk(book.ctx, DeskWanted(reason="not_assessed"))).items] == [other]
    assert set(codes) < set((await kinds(book.ctx, on_desk=True)).reasons)
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    assert [(await lists.desk(book.ctx, DeskWanted(reason=code))).total for code in codes] == [0, 0, 0]


async def test_the_desk_is_narrowed_by_how_long_people_have_had_it(book: Casebook) -> None:
    old = await book.decided(actor=FORM)
    book.later(hours=25)
    new = await book.decided("https://other.test/", "r-2", actor=FORM)
    found = {}
    for waits in (None, *Waits):
        found[waits] = {one.case for one in (await lists.desk(book.ctx, DeskWanted(waits=waits))).items}
    assert found == {None: {old, new}, Waits.HOUR: {old}, Waits.DAY: {old}, Waits.THREE_DAYS: set(), Waits.WEEK: set()}


async def test_each_answer_ends_its_own_question(book: Casebook) -> None:
    case_id = await with_two_partners_in_doubt(book)
    await referral_acts.retry(book.ctx, await referral_to(book, case_id, "hotline-ca"), ANNA, "they have nothing")
    assert set(await asked(book, case_id)) == {DeskCode.ASKED, DeskCode.REFUSED}
    await case_acts.done(book.ctx, case_id, ANNA, "rang back", code=DeskCode.ASKED)
    assert await asked(book, case_id) == [DeskCode.REFUSED]
    await case_acts.refer(book.ctx, case_id, ANNA, "their police", partner="federal-police")
    assert await asked(book, case_id) == []
    assert (await book.case(case_id))["state"] == CaseState.REFERRED


async def test_who_must_be_told_by_hand_is_not_forgotten_by_whoever_sends_it_elsewhere(book: Casebook) -> None:
    case_id = await book.accepted()
    row = await book.referral(case_id)
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    await withdraw.withdrawn(book.ctx, await book.referrals(case_id), None)
    assert set(await asked(book, case_id)) == {DeskCode.OVERRULED, DeskCode.WITHDRAW}
    await case_acts.refer(book.ctx, case_id, ANNA, "it is theirs", partner="hotline-ca")
    assert await asked(book, case_id) == [DeskCode.WITHDRAW]
    await book.take(reference="again", urgency="imminent_risk")
    await book.step(case_id, 2)
    assert await asked(book, case_id) == [DeskCode.CHILD_AT_RISK, DeskCode.WITHDRAW]
    shown = {one.partner: one.state for one in (await case_file(book.ctx, case_id)).referrals}
    assert shown["hotline-nl"] == ReferralState.WITHDRAWING  # until somebody says that they were told


async def test_a_child_at_risk_is_done_once_somebody_is_on_it_and_a_partner_has_it(book: Casebook) -> None:
    case_id = await book.decided(urgency="imminent_risk")  # the police are sent it by the policy
    assert await asked(book, case_id) == [DeskCode.CHILD_AT_RISK]
    with pytest.raises(Conflict):
        await case_acts.done(book.ctx, case_id, ANNA, "police told")
    await acknowledge(book.ctx, case_id, ANNA)
    await case_acts.done(book.ctx, case_id, ANNA, "police told")
    case = await book.case(case_id)
    assert (await asked(book, case_id), case["state"], case["desk_alarm"]) == ([], CaseState.REFERRED, None)


async def test_with_nobody_at_work_a_child_at_risk_is_never_just_done(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM, urgency="imminent_risk")
    assert set(await asked(book, case_id)) == {DeskCode.CHILD_AT_RISK, DeskCode.NOT_ASSESSED}
    await acknowledge(book.ctx, case_id, ANNA)
    with pytest.raises(Conflict):
        await case_acts.done(book.ctx, case_id, ANNA, "police told", code=DeskCode.CHILD_AT_RISK)
    said = HandedOver(reason="by telephone", partner="federal-police", reference="FP-1")
    await handed_over(book.ctx, case_id, ANNA, said)
    assert await asked(book, case_id) == []


async def test_of_several_that_may_be_done_a_person_says_which(book: Casebook) -> None:
    case_id = await with_two_partners_in_doubt(book)
    with pytest.raises(BadInput) as refused:
        await case_acts.done(book.ctx, case_id, ANNA, "done")
    assert refused.value.field == "code"
    with pytest.raises(Conflict):
        await case_acts.done(book.ctx, case_id, ANNA, "done", code=DeskCode.UNKNOWN)


async def test_done_with_nobody_left_at_work_asks_who_is_to_have_it(book: Casebook) -> None:
    case_id = await book.accepted()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    await withdraw.withdrawn(book.ctx, await book.referrals(case_id), None)
    await case_acts.done(book.ctx, case_id, ANNA, "told them", code=DeskCode.WITHDRAW)
    assert await asked(book, case_id) == [DeskCode.OVERRULED]


async def test_closing_answers_everything(book: Casebook) -> None:
    case_id = await with_two_partners_in_doubt(book)
    await case_acts.close(book.ctx, case_id, ANNA, "a cat", outcome=Outcome.NOT_ILLEGAL)
    case = await book.case(case_id)
    assert (case["state"], open_questions(case), case["desk_more"]) == (CaseState.CLOSED, (), None)
