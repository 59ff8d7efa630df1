"""Whatever comes between, somebody sees it: no report's gravity is lost, and no case or referral waits unseen."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.casework import desk, intake
from router.casework.opening import Opening
from router.casework.reported import judge
from router.errors import Conflict
from router.store.base import Transition
from schemas.casefile import DeskCode
from schemas.report import ReportGiven
from schemas.vocabulary import Outcome
from tests.casebook import ANALYSTS, ANNA, PAGE, Casebook, casebook
from tests.office import START


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


def given(reference: str, **more: object) -> ReportGiven:
    stated = {"value": "baseline", "assessed_by": "anna", "assessed_at": START.isoformat()}
    words = {"source": "analysts", "reference": reference, "received_at": START.isoformat(), "assessment": stated}
    return ReportGiven.model_validate_json(json.dumps({**words, "items": [{"location": PAGE}], **more}))


# ------------------------------------------------------------------ reports that join


async def test_each_report_of_a_batch_raises_the_case_it_joins(book: Casebook) -> None:
    case_id = await book.decided()
    await intake.take_many(book.ctx, [given("r-2"), given("r-3", urgency="imminent_risk")], ANALYSTS)
    case = await book.step(case_id, 2)
    assert (case["urgency"], case["rank"], case["desk_code"]) == ("imminent_risk", 0, DeskCode.CHILD_AT_RISK)


async def test_the_gravest_of_two_racing_batches_stays(book: Casebook) -> None:
    case_id = await book.take()
    slow = await read_for(book, given("r-3", urgency="live"))
    await intake.take(book.ctx, given("r-2", urgency="imminent_risk"), ANALYSTS)
    with pytest.raises(Conflict):  # `take` then prepares it anew
        await book.ctx.store.commit(slow)
    assert (await book.case(case_id))["urgency"] == "imminent_risk"


async def test_a_graver_report_that_meets_a_decision_is_judged(book: Casebook) -> None:
    case_id = await book.take()
    slow = await read_for(book, given("r-2", urgency="imminent_risk"))
    await book.step(case_id, 2)
    with pytest.raises(Conflict):
        await book.ctx.store.commit(slow)
    await intake.take(book.ctx, given("r-2", urgency="imminent_risk"), ANALYSTS)
    assert (await book.step(case_id, 2))["desk_code"] == DeskCode.CHILD_AT_RISK


async def test_a_report_that_meets_a_closing_opens_a_case_of_its_own(book: Casebook) -> None:
    case_id = await book.decided()
    slow = await read_for(book, given("r-2"))
    await desk.close(book.ctx, case_id, ANNA, "nothing there", outcome=Outcome.UNAVAILABLE)
    with pytest.raises(Conflict):
        await book.ctx.store.commit(slow)
    taken = await intake.take(book.ctx, given("r-2"), ANALYSTS)
    assert taken.items[0].case != case_id


async def read_for(book: Casebook, report: ReportGiven) -> Transition:
    """What intake would commit after reading the store now."""
    judged = judge(report, await intake.known(book.ctx), ANALYSTS, book.clock.now())
    index = intake.indexes(book.ctx.keyring, judged)
    opening = Opening(book.ctx.keyring, book.ctx.now(), "test", await intake.open_cases(book.ctx, [index]))
    opening.take(judged, index)
    return opening.transition()
