"""What people told a partner by hand is recalled once somebody says that the other side confirmed it, not before."""

from datetime import timedelta

import pytest

from router.casework.deliver.withdraw import withdrawn
from router.casework.desk import case_acts, referral_acts
from router.casework.desk.taken_back import taken_back
from router.casework.read import lists
from router.casework.read.case_file import case_file
from router.errors import BadInput, Conflict, NotFound
from router.store.schema.tables import audit
from schemas.acts import TakenBack
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook
from tests.office import START

SAID = TakenBack(reference="their letter of today", at=START)


async def to_be_told(book: Casebook, **more: str) -> tuple[str, str]:
    """A case whose referral was taken back at a partner whom we cannot tell; return both ids."""
    case_id = await book.accepted(**more)
    row = await book.referral(case_id)
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    await withdrawn(book.ctx, [await book.referral(case_id)], None)
    return case_id, row["id"]


async def test_it_is_recalled_once_the_other_side_confirmed_it(book: Casebook) -> None:
    case_id, referral = await to_be_told(book)
    assert (await book.case(case_id))["desk_code"] == DeskCode.WITHDRAW
    before = await lists.referral(book.ctx, referral)
    assert (before.state, before.unconfirmed, before.acts) == (ReferralState.WITHDRAWING, True, ("taken-back",))
    after = await taken_back(book.ctx, referral, ANNA, SAID)
    assert (after.state, after.unconfirmed, after.acts) == (ReferralState.RECALLED, False, ())
    assert after.last_text == "hotline-nl confirmed on 2026-11-22 that it was taken back."
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.OVERRULED)
    last = (await book.rows(audit))[-1]
    assert (last["act"], last["actor"], last["referral_id"]) == ("referral.taken_back", ANNA.id, referral)
    shown = [one for one in (await case_file(book.ctx, case_id)).timeline if one.act == "referral.taken_back"]
    assert [one.actor for one in shown] == [ANNA.id]


async def test_whoever_closes_the_case_has_not_said_that_they_confirmed_it(book: Casebook) -> None:
    case_id, referral = await to_be_told(book)
    await case_acts.close(book.ctx, case_id, ANNA, "it is gone", outcome=Outcome.REMOVED)
    shown = await lists.referral(book.ctx, referral)
    assert (shown.state, shown.acts) == (ReferralState.WITHDRAWING, ("taken-back",))
    await taken_back(book.ctx, referral, ANNA, SAID)
    assert (await book.case(case_id))["state"] == CaseState.CLOSED


async def test_a_case_that_another_partner_has_leaves_the_desk(book: Casebook) -> None:
    case_id, referral = await to_be_told(book)
    await case_acts.refer(book.ctx, case_id, ANNA, "there", partner="hotline-ca")
    await book.send("hotline-ca")
    assert (await book.case(case_id))["desk_code"] == DeskCode.WITHDRAW, "sending it elsewhere tells them nothing"
    await taken_back(book.ctx, referral, ANNA, SAID)
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)


@pytest.mark.parametrize("make", [Casebook.decided, Casebook.accepted])
async def test_what_nobody_took_back_is_confirmed_by_nobody(book: Casebook, make: object) -> None:
    case_id = await make(book)  # type: ignore[operator] # either method of a casebook
    referral = (await book.referral(case_id))["id"]
    with pytest.raises(Conflict, match="Nobody waits"):
        await taken_back(book.ctx, referral, ANNA, SAID)


async def test_once_and_not_in_the_future(book: Casebook) -> None:
    _, referral = await to_be_told(book)
    with pytest.raises(BadInput, match="later than now"):
        await taken_back(book.ctx, referral, ANNA, TakenBack(reference="x", at=START + timedelta(days=1)))
    with pytest.raises(Conflict):
        await taken_back(book.ctx, referral, ANNA, TakenBack(reference="x", version=0))
    await taken_back(book.ctx, referral, ANNA, SAID)
    with pytest.raises(Conflict):
        await taken_back(book.ctx, referral, ANNA, SAID)
    with pytest.raises(NotFound):
        await taken_back(book.ctx, "0" * 36, ANNA, SAID)
