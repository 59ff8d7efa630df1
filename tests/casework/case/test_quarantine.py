"""A case on which the router fails again and again is given to people, and left alone by the router."""

import json

import pytest

from router.casework.case.desk_entry import STICKY_DESK_CODES, open_questions
from router.casework.case.quarantine import set_aside, set_referral_aside
from router.casework.desk import referral_acts
from router.errors import Conflict
from router.store.base import Change, Transition
from router.store.schema.tables import audit, cases
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from tests.casebook import ANNA, Casebook


@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_people_get_it_wherever_it_stands(book: Casebook, steps: int) -> None:
    case_id = await book.take()
    await book.step(case_id, steps)
    await set_aside(book.ctx, await book.case(case_id))
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.BROKEN)
    assert (case["desk_since"], case["next_at"]) == (book.ctx.now(), None)


@pytest.mark.parametrize("code", sorted(STICKY_DESK_CODES))
async def test_it_stands_beside_what_people_have_already(book: Casebook, code: DeskCode) -> None:
    case_id = await book.accepted()
    place = {"state": "desk", "desk_code": code, "desk_text": "first", "desk_since": 1, "desk_due": 2}
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, place),)))
    await set_aside(book.ctx, await book.case(case_id))
    case = await book.case(case_id)
    asked = {one.code: (one.text, one.since) for one in open_questions(case)}
    assert asked.keys() == {code, DeskCode.BROKEN}
    assert (asked[code], case["next_at"]) == (("first", 1), None)


async def test_a_case_that_is_still_to_be_decided_is_decided_whatever_became_of_a_referral(book: Casebook) -> None:
    case_id = await book.decided()
    (row,) = await book.claim()
    await book.take(reference="r-2", urgency="imminent_risk")
    await set_referral_aside(book.ctx, row)
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED
    assert (await book.step(case_id, 2))["desk_code"] == DeskCode.CHILD_AT_RISK


async def test_the_audit_says_where_it_stood_and_how_often_it_was_tried(book: Casebook) -> None:
    case_id = await book.take()
    await set_aside(book.ctx, await book.case(case_id) | {"claims": 5})
    (event,) = await book.rows(audit, audit.c.act == "case.set_aside")
    assert (event["case_id"], json.loads(event["detail"])) == (case_id, {"state": "received", "claims": 5})


async def test_staff_who_were_faster_win(book: Casebook) -> None:
    case_id = await book.take()
    seen = await book.case(case_id)
    await book.step(case_id)
    with pytest.raises(Conflict):
        await set_aside(book.ctx, seen)
    assert (await book.case(case_id))["state"] == CaseState.LOCATED


@pytest.mark.parametrize(
    ("left", "ends", "may", "doubt"),
    [
        ({"claims": 5}, ReferralState.EXPIRED, 0, 0),
        ({"claims": 5, "payload": b"frozen"}, ReferralState.UNKNOWN, 1, 1),
        ({"claims": 1, "payload": b"frozen"}, ReferralState.UNKNOWN, 1, 0),
        ({"claims": 1, "may_have_arrived": 1}, ReferralState.UNKNOWN, 1, 0),
    ],
)
async def test_a_referral_that_may_have_left_does_not_end_as_one_that_never_did(
    book: Casebook, left: dict[str, object], ends: ReferralState, may: int, doubt: int
) -> None:
    case_id = await book.decided()
    (row,) = await book.claim()
    await set_referral_aside(book.ctx, row | left)
    ended, case = await book.referral(case_id), await book.case(case_id)
    assert (ended["state"], ended["next_at"]) == (ends, None)
    assert (ended["may_have_arrived"], ended["in_doubt"]) == (may, doubt)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.BROKEN)
    (event,) = await book.rows(audit, audit.c.act == "referral.set_aside")
    assert json.loads(event["detail"]) == {"partner": "hotline-nl", "claims": left["claims"], "state": ends}


async def test_a_referral_that_staff_took_back_meanwhile_is_theirs(book: Casebook) -> None:
    case_id = await book.decided()
    seen = await book.referral(case_id)
    (row,) = await book.claim()
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    with pytest.raises(Conflict):
        await set_referral_aside(book.ctx, row | {"version": seen["version"]})
    assert (await book.referral(case_id))["state"] == ReferralState.RECALL_PENDING
