"""Another referral in the place of one, for a case as a person saw it."""

from typing import Any

import pytest

from router.casework.desk import case_acts
from router.casework.desk.replace_referral import instead
from router.errors import BadInput, Conflict
from router.store.base import Change, Row, Transition
from router.store.schema.tables import cases
from schemas.partner import PartnerKind
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Assessment
from tests.casebook import ANNA, FORM, Casebook, partner

HOUR = 3600 * 1_000_000


def a_row(state: str, **more: Any) -> Row:
    return {
        "id": "r",
        "version": 3,
        "state": state,
        "may_have_arrived": 0,
        "claims": 0,
        "payload": None,
        "next_at": 7,
        **more,
    }


async def test_the_case_goes_on_with_the_new_one_and_what_else_the_key_said(book: Casebook) -> None:
    case_id = await book.decided()
    (old,), case = await book.referrals(case_id), await book.case(case_id)
    also = {"site_type": "forum"}
    new = await instead(book.ctx, old, case, ANNA, "why", partner="hotline-ca", country=None, also=also)
    case, (gone, added) = await book.case(case_id), await book.referrals(case_id)
    assert (gone["state"], gone["superseded_by"], added["supersedes"]) == ("superseded", new.id, old["id"])
    assert (case["state"], case["site_type"], case["next_at"]) == (
        CaseState.REFERRED, "forum", book.ctx.now() + 4 * HOUR,
    )  # fmt: skip


async def test_an_open_check_stays_the_next_date_when_it_is_earlier(book: Casebook) -> None:
    case_id = await book.accepted()
    book.later(days=4, hours=22)
    (old,), case = await book.referrals(case_id), await book.case(case_id)
    await instead(book.ctx, old, case, ANNA, "why", partner="hotline-ca", country=None)
    assert (await book.case(case_id))["next_at"] == book.ctx.now() + 2 * HOUR


async def test_a_case_that_moved_on_since_it_was_seen_is_a_conflict(book: Casebook) -> None:
    case_id = await book.decided()
    (old,), case = await book.referrals(case_id), await book.case(case_id)
    moved = Change(cases, {"id": case_id}, {"confidence": 0.5}, case["version"])
    await book.ctx.store.commit(Transition(1, (moved,)))
    with pytest.raises(Conflict):
        await instead(book.ctx, old, case, ANNA, "why", partner="hotline-ca", country=None)
    assert len(await book.referrals(case_id)) == 1


async def test_the_same_partner_is_no_other_one(book: Casebook) -> None:
    case_id = await book.decided()
    (old,), case = await book.referrals(case_id), await book.case(case_id)
    with pytest.raises(BadInput, match="already goes to this partner"):
        await instead(book.ctx, old, case, ANNA, "why", partner="hotline-nl", country=None)


async def test_what_the_police_are_told_is_not_taken_back_when_another_country_is_told_too(book: Casebook) -> None:
    book.partners(partner("federal-police", "BE", kind=PartnerKind.POLICE), partner("hotline-ca", "CA"))
    case_id = await book.decided(actor=FORM)
    police = await case_acts.refer(
        book.ctx, case_id, ANNA, "for them", partner="federal-police", assessment=Assessment.BASELINE
    )
    other = await case_acts.refer(book.ctx, case_id, ANNA, "and for them", partner="hotline-ca")
    states = {row["id"]: row["state"] for row in await book.referrals(case_id)}
    assert states == {police.id: ReferralState.WAITING, other.id: ReferralState.WAITING}
