"""Whatever comes between, somebody sees it: no report's gravity is lost, and no case or referral waits unseen."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from router.casework.desk import case_acts, referral_acts
from router.casework.intake import take as intake
from router.casework.intake.rows import Opening
from router.casework.intake.validate import judge
from router.errors import Conflict
from router.partners.base import Deferred, Reason
from router.store.base import Change, Transition
from router.store.schema.tables import referrals
from router.worker.sending import Sending
from schemas.casefile import DeskCode
from schemas.exchange import ReferralMessage
from schemas.partner import Directory, Partner
from schemas.report import ReportGiven
from schemas.states import ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANALYSTS, ANNA, PAGE, PARTNERS, Casebook, Scripted, casebook
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
    await case_acts.close(book.ctx, case_id, ANNA, "nothing there", outcome=Outcome.UNAVAILABLE)
    with pytest.raises(Conflict):
        await book.ctx.store.commit(slow)
    taken = await intake.take(book.ctx, given("r-2"), ANALYSTS)
    assert taken.items[0].case != case_id


# ------------------------------------------------------------------ referrals


async def taken_back(book: Casebook) -> str:
    case_id = await book.accepted()
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    return case_id


async def test_a_withdrawal_nobody_answers_is_tried_ever_later_and_then_for_people(book: Casebook) -> None:
    case_id = await taken_back(book)
    await case_acts.refer(book.ctx, case_id, ANNA, "the police act", partner="federal-police")
    book.partner.withdrawal = [Deferred(Reason.UNREACHABLE, "down")]
    tries = 0
    while (await book.referrals(case_id))[0]["state"] == ReferralState.WITHDRAWING:
        tries += await Sending(book.ctx).turn() > 0
        assert tries < 20, "it is tried for ever"
        await lease_over(book)
        book.later(hours=30)
    assert (await book.case(case_id))["desk_code"] == DeskCode.WITHDRAW
    assert len(book.partner.dropped) == tries == 11


@pytest.mark.parametrize("change", [{"enabled": False}, {"dialect": "pigeon"}, None])
async def test_what_a_partner_out_of_reach_has_is_taken_back_by_hand(book: Casebook, change: dict[str, Any]) -> None:
    case_id = await taken_back(book)
    if change is None:
        book.rules.directory_ = Directory(version=2, partners=PARTNERS[1:])
    else:
        book.partners(PARTNERS[0].model_copy(update=change))
    await Sending(book.ctx).turn()
    assert (await book.referral(case_id))["state"] == ReferralState.RECALLED
    assert (await book.case(case_id))["desk_code"] == DeskCode.WITHDRAW
    assert book.partner.dropped == []


class Choking(Scripted):
    """A dialect with a fault that one location brings out."""

    def freeze(self, message: ReferralMessage, partner: Partner) -> bytes:
        if message.location == PAGE:
            raise KeyError("a fault of ours")
        return super().freeze(message, partner)


async def test_a_referral_no_worker_can_finish_ends_with_people_and_takes_no_other_with_it(tmp_path: Path) -> None:
    async with casebook(tmp_path, Choking()) as book:
        poison, other = await book.decided(), await book.decided("https://other.test/", "r-2")
        for _ in range(6):
            await Sending(book.ctx).turn()
            await lease_over(book)
            book.later(minutes=2)
        assert (await book.referral(other))["state"] == ReferralState.ACCEPTED
        assert (await book.referral(poison))["state"] == ReferralState.EXPIRED
        assert (await book.case(poison))["desk_code"] == DeskCode.BROKEN


async def lease_over(book: Casebook) -> None:
    """Let the leases of dead workers run out, as the database's clock does."""
    changes = [Change(referrals, {"id": row["id"]}, {"claimed_until": 0}) for row in await book.rows(referrals)]
    await book.ctx.store.commit(Transition(book.ctx.now(), changes))


async def read_for(book: Casebook, report: ReportGiven) -> Transition:
    """What intake would commit after reading the store now."""
    judged = judge(report, await intake.known(book.ctx), ANALYSTS, book.clock.now())
    index = intake.indexes(book.ctx.keyring, judged)
    opening = Opening(book.ctx.keyring, book.ctx.now(), "test", await intake.open_cases(book.ctx, [index]))
    opening.take(judged, index)
    return opening.transition()
