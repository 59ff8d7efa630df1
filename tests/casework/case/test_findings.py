"""Several found one location to be different things: the graver wins at once, and people hear of it until one says."""

from itertools import combinations_with_replacement

import pytest

from router.casework.case.findings import ILLEGAL, contradict, found, gravest
from router.casework.desk import case_acts, leads_to
from router.casework.intake import assessment
from router.store.schema.tables import cases, reports
from schemas.casefile import DeskCode
from schemas.report import AssessmentLater
from schemas.states import CaseState, ReferralState
from schemas.trace import Verdict, VerdictKind
from schemas.vocabulary import Assessment, Urgency
from tests.casebook import ANNA, DUTCH, FORM, Casebook
from tests.office import START

NOT_ILLEGAL = {"value": "not_illegal", "assessed_by": "anna", "assessed_at": START.isoformat()}
BASELINE = {"value": "baseline", "assessed_by": "inspector", "assessed_at": START.isoformat()}


@pytest.mark.parametrize("pair", list(combinations_with_replacement(Assessment, 2)))
def test_they_contradict_each_other_only_about_whether_it_is_illegal(pair: tuple[Assessment, Assessment]) -> None:
    wanted = Assessment.NOT_ILLEGAL in pair and bool(ILLEGAL & set(pair))
    assert contradict(pair) is contradict(pair[::-1]) is wanted


async def stands(book: Casebook, case_id: str) -> tuple[str, str, str | None]:
    case = await book.case(case_id)
    return case["assessment"], case["state"], case["desk_code"]


async def test_called_illegal_what_was_to_be_closed_goes_on_and_people_hear_of_it(book: Casebook) -> None:
    case_id = await book.decided(assessment=NOT_ILLEGAL)
    assert await stands(book, case_id) == ("not_illegal", CaseState.DESK, DeskCode.POLICY)
    assert await book.take(reference="r-2", assessment=BASELINE) == case_id
    await book.step(case_id, 2)
    assert await stands(book, case_id) == ("baseline", CaseState.DESK, DeskCode.DISAGREE)
    await book.send()
    assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED
    assert (await stands(book, case_id))[2] == DeskCode.DISAGREE


async def test_called_not_illegal_what_is_with_its_partner_stays_there_and_people_hear_of_it(book: Casebook) -> None:
    case_id = await book.accepted()
    await book.take(reference="r-2", assessment=NOT_ILLEGAL)
    await book.step(case_id, 2)
    assert await stands(book, case_id) == ("baseline", CaseState.DESK, DeskCode.DISAGREE)
    assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED
    before = await book.case(case_id)
    await book.take(reference="r-3", assessment=NOT_ILLEGAL)
    assert await book.case(case_id) == before  # they are asked already


async def test_both_in_one_breath_are_heard_too(book: Casebook) -> None:
    case_id = await book.take(assessment=NOT_ILLEGAL)
    await book.take(reference="r-2", assessment=BASELINE)
    await book.step(case_id, 2)
    assert await stands(book, case_id) == ("baseline", CaseState.DESK, DeskCode.DISAGREE)


async def test_reports_that_agree_ask_nobody(book: Casebook) -> None:
    case_id = await book.take()
    await book.take(reference="r-2", assessment=BASELINE | {"value": "national"})
    await book.take(reference="r-3", actor=FORM)
    await book.step(case_id, 2)
    assert await stands(book, case_id) == ("baseline", CaseState.REFERRED, None)


async def test_once_a_person_has_said_what_it_is_it_is_settled(book: Casebook) -> None:
    case_id = await book.decided(assessment=NOT_ILLEGAL)
    await book.take(reference="r-2", assessment=BASELINE)
    await book.step(case_id, 2)
    book.later(hours=1)
    await case_acts.assess(book.ctx, case_id, ANNA, "seen both", assessment=Assessment.BASELINE)
    await book.step(case_id, 2)
    assert await stands(book, case_id) == ("baseline", CaseState.REFERRED, None)
    book.later(hours=1)
    await book.take(reference="r-3", assessment=NOT_ILLEGAL)  # nothing graver: settled is settled
    assert await stands(book, case_id) == ("baseline", CaseState.REFERRED, None)


async def test_a_graver_finding_opens_again_what_a_person_had_settled(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await case_acts.assess(book.ctx, case_id, ANNA, "looked", assessment=Assessment.NOT_ILLEGAL)
    await book.step(case_id, 2)
    assert (await stands(book, case_id))[0] == "not_illegal"
    book.later(hours=1)
    await book.take(reference="r-2", assessment=BASELINE)
    await book.step(case_id, 2)
    assert await stands(book, case_id) == ("baseline", CaseState.DESK, DeskCode.DISAGREE)


async def test_who_sends_it_as_it_stands_has_said_so_too(book: Casebook) -> None:
    case_id = await book.decided(assessment=NOT_ILLEGAL)
    await book.take(reference="r-2", assessment=BASELINE)
    await book.step(case_id, 2)
    book.later(hours=1)
    await case_acts.refer(book.ctx, case_id, ANNA, "seen both", partner="hotline-ca")
    await case_acts.retrace(book.ctx, case_id, ANNA, "again")
    await book.step(case_id, 2)
    assert (await stands(book, case_id))[2] is None


async def test_a_child_at_risk_is_asked_about_first(book: Casebook) -> None:
    case_id = await book.decided(assessment=NOT_ILLEGAL)
    await book.take(reference="r-2", assessment=BASELINE, urgency=Urgency.IMMINENT_RISK.value)
    await book.step(case_id, 2)
    assert (await stands(book, case_id))[2] == DeskCode.CHILD_AT_RISK


async def test_one_that_was_said_later_of_a_report_counts_from_then(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    book.later(hours=1)
    await case_acts.assess(book.ctx, case_id, ANNA, "looked", assessment=Assessment.NOT_ILLEGAL)
    book.later(hours=1)
    (report,) = await book.rows(reports)
    given = AssessmentLater.model_validate_json(str(BASELINE).replace("'", '"'))
    await assessment.assess(book.ctx, report["id"], given, ANNA)
    assert (await found(book.ctx, [await book.case(case_id)]))[case_id] == {Assessment.NOT_ILLEGAL, Assessment.BASELINE}
    await book.step(case_id, 2)
    assert await stands(book, case_id) == ("baseline", CaseState.DESK, DeskCode.DISAGREE)


async def test_what_a_person_said_of_a_short_link_they_said_of_what_it_leads_to(book: Casebook) -> None:
    book.world.verdict = Verdict(kind=VerdictKind.UNRESOLVED)
    case_id = await book.decided("https://bit.ly/abc", actor=FORM)
    await case_acts.assess(book.ctx, case_id, ANNA, "looked", assessment=Assessment.BASELINE)
    await book.step(case_id, 2)
    led = await leads_to.target(book.ctx, case_id, ANNA, "followed it", location="https://example.test/page")
    book.world.verdict = DUTCH
    (case,) = await book.rows(cases, cases.c.id == led)
    assert (case["assessment"], case["staff_assessment"]) == ("baseline", "baseline")
    await book.step(led, 2)
    assert (await stands(book, led))[2] is None


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        ([], "unassessed"),
        (["unassessed", "not_illegal"], "not_illegal"),
        (["national", "not_illegal"], "national"),
        (["not_illegal", "baseline", "national"], "baseline"),
    ],
)
def test_of_what_several_found_the_gravest_counts(found: list[str], counts: str) -> None:
    assert gravest(map(Assessment, found)) is gravest(map(Assessment, reversed(found))) is Assessment(counts)
