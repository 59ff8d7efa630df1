"""An assessment that comes after its report: signed, never lost to a worker, and weighed against what others found."""

import asyncio
import json
from datetime import datetime
from typing import Any

import pytest

from router.casework.desk import case_acts
from router.casework.intake import assessment
from router.casework.intake import take as intake
from router.casework.read.case_file import case_file
from router.clock import micros
from router.errors import BadInput, NotFound, StoreUnavailable
from router.store.base import Change, Remove, Transition
from router.store.schema.tables import audit, case_keys, cases, reports
from schemas.actor import Actor, Role
from schemas.casefile import DeskCode, ItemView
from schemas.report import AssessmentLater, Label, ReportGiven, Severity
from schemas.severity import SeverityRules
from schemas.states import CaseState
from schemas.vocabulary import Assessment, Outcome
from tests.casebook import ANALYSTS, ANNA, FORM, Casebook
from tests.office import START, person

ANALYST = person("anna", Role.ANALYST)
NOBODYS = "00000000-0000-7000-8000-000000000000"


def sent(given: AssessmentLater) -> dict[str, object]:
    """The same as a report brings it."""
    return given.model_dump(mode="json", exclude_none=True)


def found(value: str = "baseline", by: str = "bert", at: datetime = START) -> AssessmentLater:
    known = {} if value == "unassessed" else {"assessed_by": by, "assessed_at": at}
    return AssessmentLater(value=Assessment(value), **known)


async def assess(book: Casebook, value: str, number: int = 0, at: datetime = START) -> None:
    """Assess one of the reports, in the order they were taken."""
    rows = await book.rows(reports)
    await assessment.assess(book.ctx, rows[number]["id"], found(value, at=at), ANALYST)


async def items_of(book: Casebook, case_id: str, *, reveal_to: Actor | None = None) -> tuple[ItemView, ...]:
    return (await case_file(book.ctx, case_id, reveal_to=reveal_to, reason="to see what was said")).items


async def test_it_has_the_case_judged_anew_and_is_signed(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await assess(book, "baseline")
    case = await book.case(case_id)
    assert (case["assessment"], case["state"], case["desk_code"]) == (Assessment.BASELINE, CaseState.RECEIVED, None)
    (item,) = await items_of(book, case_id)
    assert (item.assessment, item.assessed_by, item.assessed_at) == (Assessment.BASELINE, "bert", START)
    assert [row["act"] for row in await book.rows(audit)][-1] == "report.assessed"


async def test_a_source_that_does_not_assess_cannot_assess_later_either(book: Casebook) -> None:
    await book.take(actor=FORM)
    (report,) = await book.rows(reports)
    with pytest.raises(BadInput):
        await assessment.assess(book.ctx, report["id"], found(), FORM)
    with pytest.raises(NotFound):
        await assessment.assess(book.ctx, NOBODYS, found(), ANALYST)


async def test_a_worker_that_is_faster_each_time_but_the_last_is_no_reason_to_refuse(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await book.take(actor=FORM)
    whole, moved = assessment._transition, []

    async def overtaken(*given: Any) -> Transition:
        made = await whole(*given)
        if len(moved) < 5:
            moved.append(await book.step(case_id) if not moved else await stir(book, case_id))
        return made

    monkeypatch.setattr(assessment, "_transition", overtaken)
    await assess(book, "baseline")
    assert len(moved) == 5
    assert (await book.case(case_id))["assessment"] == Assessment.BASELINE
    assert [row["act"] for row in await book.rows(audit)].count("report.assessed") == 1


async def stir(book: Casebook, case_id: str) -> None:
    """Move a case on, as whoever works on it does."""
    row = await book.case(case_id)
    change = Change(cases, {"id": case_id}, {"kind": row["kind"]}, row["version"])
    await book.ctx.store.commit(Transition(1, (change,)))


async def test_one_that_never_gets_its_turn_is_told_to_come_again(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await book.take(actor=FORM)
    whole = assessment._transition

    async def overtaken(*given: Any) -> Transition:
        made = await whole(*given)
        await stir(book, case_id)
        return made

    monkeypatch.setattr(assessment, "_transition", overtaken)
    with pytest.raises(StoreUnavailable):
        await assess(book, "baseline")
    assert (await book.case(case_id))["assessment"] == Assessment.UNASSESSED


async def test_while_workers_work_none_is_lost(book: Casebook) -> None:
    ids = [await book.take(f"https://example.test/{n}", f"r-{n}", FORM) for n in range(20)]

    async def worked(case_id: str) -> None:
        for _ in range(3):
            await stir(book, case_id)

    await asyncio.gather(*(assess(book, "baseline", n) for n in range(20)), *map(worked, ids))
    assert {row["assessment"] for row in await book.rows(cases)} == {Assessment.BASELINE}


async def test_who_corrects_the_only_report_is_followed(book: Casebook) -> None:
    case_id = await book.decided()
    await assess(book, "not_illegal")
    assert (await book.case(case_id))["assessment"] == Assessment.NOT_ILLEGAL
    await assess(book, "unassessed")
    case = await book.case(case_id)
    assert (case["assessment"], case["assessed_at"]) == (Assessment.UNASSESSED, None)


@pytest.mark.parametrize(
    ("first", "second", "then", "counts"),
    [
        ("not_illegal", "not_illegal", "baseline", "baseline"),
        ("baseline", "not_illegal", "unassessed", "not_illegal"),
        ("baseline", "national", "not_illegal", "national"),
        ("national", "baseline", "not_illegal", "baseline"),
    ],
)
async def test_beside_other_reports_the_gravest_counts(
    book: Casebook, first: str, second: str, then: str, counts: str
) -> None:
    case_id = await book.take(assessment=sent(found(first)))
    await book.take(reference="r-2", assessment=sent(found(second)))
    await assess(book, then)
    assert (await book.case(case_id))["assessment"] == Assessment(counts)


async def test_a_lesser_one_that_contradicts_nobody_leaves_the_case_where_it_is(book: Casebook) -> None:
    case_id = await book.accepted()
    await book.take(reference="r-2", assessment=sent(found("unassessed")))
    before = await book.case(case_id)
    await assess(book, "national", 1)
    assert await book.case(case_id) == before
    assert [one.assessment for one in await items_of(book, case_id)] == [Assessment.BASELINE, Assessment.NATIONAL]


async def test_what_a_person_said_stands_above_a_lesser_finding_and_below_a_graver_one(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await case_acts.assess(book.ctx, case_id, ANNA, "seen", assessment=Assessment.NATIONAL)
    book.later(minutes=1)
    await assess(book, "not_illegal")
    assert (await book.case(case_id))["assessment"] == Assessment.NATIONAL
    await assess(book, "baseline")
    assert (await book.case(case_id))["assessment"] == Assessment.BASELINE


async def test_a_source_that_repeats_itself_does_not_stand_above_what_a_person_said_meanwhile(book: Casebook) -> None:
    case_id = await book.decided()
    book.later(hours=1)
    await case_acts.assess(book.ctx, case_id, ANNA, "seen", assessment=Assessment.NOT_ILLEGAL)
    before = await book.step(case_id, 2)
    book.later(hours=1)
    await assess(book, "baseline")
    assert await book.case(case_id) == before
    await case_acts.retrace(book.ctx, case_id, ANNA, "again")
    case = await book.step(case_id, 2)
    assert (case["assessment"], case["state"], case["desk_code"]) == ("not_illegal", CaseState.DESK, DeskCode.POLICY)
    (item,) = await items_of(book, case_id)
    assert item.assessed_by == "bert"
    assert "report.assessed" in {row["act"] for row in await book.rows(audit)}


async def test_a_source_that_looked_once_more_and_says_the_same_is_heard_anew(book: Casebook) -> None:
    case_id = await book.decided()
    book.later(hours=1)
    await case_acts.assess(book.ctx, case_id, ANNA, "seen", assessment=Assessment.NOT_ILLEGAL)
    await book.step(case_id, 2)
    book.later(hours=1)
    await assess(book, "baseline", at=book.ctx.clock.now())
    case = await book.step(case_id, 2)
    assert (case["assessment"], case["desk_code"]) == (Assessment.BASELINE, DeskCode.DISAGREE)


@pytest.mark.parametrize("standing", ["baseline", "national"])
async def test_the_date_is_that_of_the_finding_which_counts_now(book: Casebook, standing: str) -> None:
    case_id = await book.decided()
    book.later(hours=1)
    other = found(standing, at=book.ctx.clock.now())
    await book.take(reference="r-2", assessment=sent(other))
    assert (await book.case(case_id))["assessed_at"] == micros(START)
    await assess(book, "unassessed")
    case = await book.case(case_id)
    assert (case["assessment"], case["assessed_at"]) == (standing, book.ctx.now())


async def test_a_person_whose_word_counts_again_said_it_when_they_said_it(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    book.later(hours=1)
    await case_acts.assess(book.ctx, case_id, ANNA, "seen", assessment=Assessment.NATIONAL)
    said = book.ctx.now()
    book.later(hours=1)
    await assess(book, "baseline")
    await assess(book, "not_illegal")
    case = await book.case(case_id)
    assert (case["assessment"], case["assessed_at"]) == (Assessment.NATIONAL, said)


async def test_a_closed_case_stays_closed_and_the_finding_is_kept(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    before = await book.case(case_id)
    await assess(book, "not_illegal")
    assert await book.case(case_id) == before
    assert [one.assessment for one in await items_of(book, case_id)] == [Assessment.NOT_ILLEGAL]
    last = (await book.rows(audit))[-1]
    assert (last["act"], last["actor"], last["case_id"]) == ("report.assessed", ANALYST.id, case_id)


async def test_a_report_of_which_one_case_was_erased_is_assessed_for_the_others(book: Casebook) -> None:
    items = [{"location": "https://one.test/"}, {"location": "https://two.test/"}]
    gone = await book.take(actor=FORM, items=items)
    await book.ctx.store.commit(Transition(1, removes=(Remove(case_keys, {"case_id": gone}),)))
    await assess(book, "baseline")
    (kept,) = await book.rows(cases, cases.c.id != gone)
    assert [one.assessed_by for one in await items_of(book, kept["id"])] == ["bert"]


async def test_a_report_that_joins_while_another_is_corrected_is_heard(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await book.decided()
    whole = assessment._transition

    async def overtaken(*given: Any) -> Transition:
        made = await whole(*given)
        await book.take(reference="r-2")  # baseline too, so it changes nothing in the case
        return made

    monkeypatch.setattr(assessment, "_transition", overtaken)
    await assess(book, "not_illegal")
    await book.step(case_id, 2)
    assert (await book.case(case_id))["desk_code"] == DeskCode.DISAGREE


@pytest.mark.parametrize("joins", ["national", "baseline"])
@pytest.mark.parametrize("corrected", ["unassessed", "not_illegal"])
@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_what_joins_while_another_finding_is_taken_back_counts(
    book: Casebook, monkeypatch: pytest.MonkeyPatch, joins: str, corrected: str, steps: int
) -> None:
    case_id = await book.take()
    await book.step(case_id, steps)
    book.later(minutes=1)
    whole = assessment._transition

    async def overtaken(*given: Any) -> Transition:
        made = await whole(*given)
        await book.take(reference="r-2", assessment=sent(found(joins)))  # no graver than what stands
        return made

    monkeypatch.setattr(assessment, "_transition", overtaken)
    await assess(book, corrected)
    case = await book.case(case_id)
    assert (case["assessment"], case["assessed_at"]) == (joins, micros(START))
    case = await book.step(case_id, 2)
    assert (case["desk_code"] == DeskCode.DISAGREE) is (corrected == "not_illegal")


async def test_what_a_person_says_right_after_a_correction_stays(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await book.decided()
    await book.take(reference="r-2", assessment=sent(found("national")))
    whole = assessment._catch_up

    async def overtaken(*given: Any) -> None:
        book.later(minutes=1)
        await case_acts.assess(book.ctx, case_id, ANNA, "seen", assessment=Assessment.NOT_ILLEGAL)
        await whole(*given)

    monkeypatch.setattr(assessment, "_catch_up", overtaken)
    await assess(book, "unassessed")
    assert (await book.case(case_id))["assessment"] == Assessment.NOT_ILLEGAL


async def test_a_report_whose_case_is_assessed_while_it_joins_is_held_against_that(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await book.decided()
    whole, corrected = intake.along, []

    async def overtaken(*given: Any) -> list[Change]:
        found = await whole(*given)
        if not corrected:
            corrected.append(await assess(book, "not_illegal"))
        return found

    monkeypatch.setattr(intake, "along", overtaken)
    await book.take(reference="r-2")
    assert (await book.case(case_id))["assessment"] == Assessment.BASELINE
    assert [row["act"] for row in await book.rows(audit)].count("item.joined") == 1
    await book.step(case_id, 2)
    assert (await book.case(case_id))["desk_code"] == DeskCode.DISAGREE
    assert len(await items_of(book, case_id)) == 2


PAIR = [{"location": "https://page.test/", "reference": "p"}, {"location": "https://file.test/", "reference": "f"}]


async def test_one_item_is_assessed_by_itself_and_the_others_stay(book: Casebook) -> None:
    page, file = await pair(book)
    given = found("national").model_copy(update={"item": "f"})
    await assessment.assess(book.ctx, (await book.rows(reports))[0]["id"], given, ANALYST)
    assert [(await book.case(one))["assessment"] for one in (page, file)] == ["baseline", "national"]
    await assess(book, "not_illegal")
    assert [(await book.case(one))["assessment"] for one in (page, file)] == ["not_illegal", "not_illegal"]


async def test_an_item_that_is_not_of_the_report_is_named(book: Casebook) -> None:
    await pair(book)
    given = found().model_copy(update={"item": "r-1"})
    with pytest.raises(BadInput) as wrong:
        await assessment.assess(book.ctx, (await book.rows(reports))[0]["id"], given, ANALYST)
    assert (wrong.value.field, wrong.value.reason) == ("item", "no_such_item")


async def test_its_own_assessment_is_the_item_s_and_the_report_s_that_of_the_others(book: Casebook) -> None:
    page, file = await pair(book, {"assessment": sent(found("not_illegal", by="carl"))})
    assert [(await book.case(one))["assessment"] for one in (page, file)] == ["not_illegal", "baseline"]
    assert [(await items_of(book, one))[0].assessed_by for one in (page, file)] == ["carl", "anna"]


async def test_labels_and_severity_that_come_later_take_the_place_of_those_before(book: Casebook) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(
        update={"severity": SeverityRules(schemes={"be": ("low", "high")})}
    )
    case_id = await book.decided()
    grave = Severity(scheme="be", value="high", by="anna", at=START)
    label = Label(scheme="ucs", version="3.1", value="x", by="anna", at=START)
    (report,) = await book.rows(reports)
    given = found().model_copy(update={"severity": grave, "labels": (label,)})
    await assessment.assess(book.ctx, report["id"], given, ANALYST)
    (item,) = await items_of(book, case_id, reveal_to=ANALYST)
    assert (item.severity, item.labels) == (grave, (label,))
    await assessment.assess(book.ctx, report["id"], found("national"), ANALYST)
    (item,) = await items_of(book, case_id, reveal_to=ANALYST)
    assert (item.severity, item.labels) == (grave, (label,))
    unknown = given.model_copy(update={"severity": grave.model_copy(update={"value": "worst"})})
    with pytest.raises(BadInput) as wrong:
        await assessment.assess(book.ctx, report["id"], unknown, ANALYST)
    assert (wrong.value.field, wrong.value.reason) == ("severity.value", "unknown_value")


async def pair(book: Casebook, *own: dict[str, object]) -> tuple[str, str]:
    """A report of a page and its file, assessed as baseline; `own` is what its items say besides. Return the cases."""
    more = [*own, {}, {}]
    body = {
        "source": "analysts",
        "reference": "r-1",
        "received_at": START.isoformat(),
        "items": [one | said for one, said in zip(PAIR, more, strict=False)],
        "assessment": sent(found(by="anna")),
    }
    taken = await intake.take(book.ctx, ReportGiven.model_validate_json(json.dumps(body)), ANALYSTS)
    page, file = (one.case for one in taken.items)
    await book.saw(page, ANALYST)
    await book.saw(file, ANALYST)
    return page, file
