"""Not illegal is one act, by somebody who saw it; a drawn share goes to a second person, whose word is a figure."""

from typing import Any

import pytest

from router.casework.case.desk_entry import open_questions
from router.casework.desk import case_acts
from router.casework.desk import look as looks
from router.casework.desk.not_illegal import _is_drawn, not_illegal
from router.casework.intake import assessment
from router.casework.read import stats
from router.casework.read.case_file import case_file
from router.errors import Conflict, NotAllowed
from router.store.ids import new_ids
from router.store.schema.tables import reports, second_looks
from schemas.actor import Role
from schemas.casefile import DeskCode
from schemas.report import AssessmentLater
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Assessment, Outcome
from tests.casebook import ANALYSTS, ANNA, FORM, Casebook
from tests.office import person

BERT = person("bert", Role.ANALYST)


def drawn(book: Casebook, share: float = 1.0) -> None:
    book.rules.policy_ = book.rules.policy_.model_copy(update={"second_look": share})


async def test_one_act_ends_the_case_by_somebody_who_saw_it(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    await not_illegal(book.ctx, case_id, ANNA)
    case = await book.case(case_id)
    assert (case["state"], case["outcome"], case["assessment"]) == (CaseState.CLOSED, "not_illegal", "not_illegal")
    assert (case["staff_assessment"], case["rests_on"]) == ("not_illegal", "A person closed it (person:anna).")
    assert await book.rows(second_looks) == []


@pytest.mark.parametrize("share", [0.0, 0.05, 1.0])
async def test_as_many_are_drawn_as_the_policy_says_and_the_same_ones_each_time(book: Casebook, share: float) -> None:
    """The shipped policies say 0.05; which cases are drawn depends on the key and the case, never on the moment."""
    drawn(book, share)
    ids = new_ids(4_000)
    found = [await _is_drawn(book.ctx, {"id": one}) for one in ids]
    assert abs(sum(found) - share * len(ids)) <= 5 * (share * (1 - share) * len(ids)) ** 0.5  # five deviations
    assert found == [await _is_drawn(book.ctx, {"id": one}) for one in ids]


async def unseen_acts(book: Casebook, case_id: str) -> list[Any]:
    """Everything by which a person could say what a case is."""
    (report,) = await book.rows(reports)
    said = AssessmentLater(value=Assessment.NOT_ILLEGAL, assessed_by="bert", assessed_at=book.clock.now())
    ctx, baseline = book.ctx, Assessment.BASELINE
    return [
        not_illegal(ctx, case_id, BERT),
        case_acts.close(ctx, case_id, BERT, "so", outcome=Outcome.NOT_ILLEGAL),
        *(case_acts.assess(ctx, case_id, BERT, "so", assessment=one) for one in Assessment if one != "unassessed"),
        case_acts.send(ctx, case_id, BERT, "so", assessment=baseline),
        case_acts.refer(ctx, case_id, BERT, "so", partner="hotline-nl", assessment=baseline),
        assessment.assess(ctx, report["id"], said, BERT),
    ]


async def test_nobody_says_of_what_they_have_not_seen_whether_it_is_illegal(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    before = await book.case(case_id)
    for act in await unseen_acts(book, case_id):
        with pytest.raises(Conflict) as refused:
            await act
        assert (refused.value.reason, "reveal it first" in refused.value.message) == ("not_seen", True)
    assert await book.case(case_id) == before
    offered = set((await case_file(book.ctx, case_id, reader=BERT)).acts)
    assert not offered & {"assess", "not-illegal", "send", "refer"}
    assert "reveal" in offered
    await case_file(book.ctx, case_id, reveal_to=BERT, reason="to look")
    assert {"assess", "not-illegal", "send", "refer"} <= set((await case_file(book.ctx, case_id, reader=BERT)).acts)
    await not_illegal(book.ctx, case_id, BERT)
    assert (await book.case(case_id))["state"] == CaseState.CLOSED


async def test_a_source_that_assesses_keeps_its_own_word(book: Casebook) -> None:
    case_id = await book.decided()
    (report,) = await book.rows(reports)
    said = AssessmentLater(value=Assessment.NATIONAL, assessed_by="anna", assessed_at=book.clock.now())
    with pytest.raises(Conflict):
        await assessment.assess(book.ctx, report["id"], said, BERT)
    assert (await book.case(case_id))["assessment"] == "baseline"
    await assessment.assess(book.ctx, report["id"], said, ANALYSTS)
    assert (await book.case(case_id))["assessment"] == "national"


async def test_what_waits_never_leaves(book: Casebook) -> None:
    case_id = await book.decided()
    drawn(book)
    await not_illegal(book.ctx, case_id, ANNA)
    assert (await book.referral(case_id))["state"] == ReferralState.SUPERSEDED


async def test_what_is_drawn_goes_to_a_second_person_and_to_no_first(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    drawn(book)
    await not_illegal(book.ctx, case_id, ANNA, reason="a statue")
    case = await book.case(case_id)
    assert (case["state"], [one.code for one in open_questions(case)]) == (CaseState.DESK, [DeskCode.SECOND_LOOK])
    book.later(minutes=5)
    for act in (
        not_illegal(book.ctx, case_id, ANNA),
        case_acts.assess(book.ctx, case_id, ANNA, "after all", assessment=Assessment.BASELINE),
    ):
        with pytest.raises(Conflict) as refused:
            await act
        assert refused.value.reason == "second_person"
    for other in (
        case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED),
        case_acts.retrace(book.ctx, case_id, ANNA, "again"),
        looks.look(book.ctx, case_id, ANNA, "seen", finding="still_there"),
    ):
        with pytest.raises(Conflict) as refused:
            await other
        assert refused.value.reason == "second_look"
    await book.saw(case_id, BERT)
    await not_illegal(book.ctx, case_id, BERT)
    assert (await book.case(case_id))["state"] == CaseState.CLOSED
    found = await stats.stats(book.ctx)
    assert (found.second_looks, found.second_looks_differ) == (1, 0)


async def test_a_second_person_who_finds_otherwise_is_a_figure_and_the_case_goes_on(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    drawn(book)
    await not_illegal(book.ctx, case_id, ANNA)
    await book.saw(case_id, BERT)
    await case_acts.assess(book.ctx, case_id, BERT, "it is", assessment=Assessment.BASELINE)
    case = await book.step(case_id, 2)
    assert (case["assessment"], DeskCode.SECOND_LOOK in [one.code for one in open_questions(case)]) == (
        "baseline",
        False,
    )
    (row,) = await book.rows(second_looks)
    assert (row["first"], row["second"], row["agrees"]) == ("person:anna", "person:bert", 0)
    found = await stats.stats(book.ctx)
    assert (found.second_looks, found.second_looks_differ) == (1, 1)


async def test_the_share_is_drawn_by_a_key_and_the_same_again(book: Casebook) -> None:
    drawn(book, 0.5)
    asked = 0
    for n in range(60):
        case_id = await book.decided(f"https://h{n}.test/", f"r-{n}", FORM)
        await not_illegal(book.ctx, case_id, ANNA)
        asked += (await book.case(case_id))["state"] == CaseState.DESK
    assert 15 <= asked <= 45


async def test_spam_is_an_outcome_of_a_supervisor(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    with pytest.raises(NotAllowed):
        await case_acts.close(book.ctx, case_id, BERT, "spam", outcome=Outcome.SPAM)
    lead = person("lead", Role.SUPERVISOR)  # who need not have seen it
    await case_acts.close(book.ctx, case_id, lead, "an advertisement", outcome=Outcome.SPAM)
    case = await book.case(case_id)
    assert (case["outcome"], case["assessment"]) == ("spam", "unassessed")
