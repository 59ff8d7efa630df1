"""What a decision writes down: referrals, or a place on the desk, and never a second referral of what already goes."""

import json
from datetime import timedelta

import pytest

from router.casework.case.record import open_case
from router.casework.decide import step as decide
from router.casework.desk import case_acts
from router.partners.base import Reason as Refusal
from router.partners.base import Refused
from router.store.base import Change, Row, Transition
from router.store.schema.tables import audit, cases, decisions, follow_ups, referrals
from schemas.casefile import DeskCode
from schemas.decision import Decision, Mode
from schemas.states import CaseState, ReferralState
from schemas.trace import Verdict, VerdictKind
from tests.casebook import ANNA, CANADIAN, EDGE, FORM, PAGE, Casebook, partner

FOUR_HOURS = 4 * 3600 * 1_000_000


async def kept(book: Casebook, case: Row) -> Decision:
    (row,) = await book.rows(decisions, decisions.c.id == case["decision_id"])
    return Decision.model_validate_json(row["decision"])


async def test_an_assessed_case_goes_to_whom_the_policy_names(book: Casebook) -> None:
    case_id = await book.decided()
    case, referral = await book.case(case_id), await book.referral(case_id)
    assert (case["state"], case["assigned_country"], case["policy_version"]) == (CaseState.REFERRED, "NL", 1)
    assert (referral["partner"], referral["route"], referral["state"]) == ("hotline-nl", "hotline-abroad", "waiting")
    assert referral["decision_id"] == case["decision_id"]
    assert case["next_at"] == book.ctx.now() + FOUR_HOURS  # somebody is told when it does not leave


async def test_the_audit_names_the_path_and_no_location(book: Casebook) -> None:
    case_id = await book.decided()
    (event,) = await book.rows(audit, audit.c.act == "case.decided")
    detail = json.loads(event["detail"])
    assert (detail["recipients"], detail["routes"]) == (["hotline-nl"], ["hotline-abroad"])
    assert event["case_id"] == case_id
    assert "example" not in event["detail"]


async def test_what_nobody_assessed_goes_to_people_with_its_proposal(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    case = await book.case(case_id)
    decision = await kept(book, case)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.NOT_ASSESSED)
    assert [(one.partner, one.mode) for one in decision.recipients] == [("hotline-nl", Mode.PROPOSE)]
    assert case["desk_due"] == book.ctx.now() + 24 * 3600 * 1_000_000
    assert case["next_at"] is None
    assert await book.referrals(case_id) == []


async def test_a_child_at_risk_goes_to_people_and_the_police_at_once(book: Casebook) -> None:
    case_id = await book.decided(urgency="imminent_risk")
    case, referral = await book.case(case_id), await book.referral(case_id)
    assert (case["desk_code"], referral["partner"], referral["rank"]) == (DeskCode.CHILD_AT_RISK, "federal-police", 0)
    assert case["desk_due"] == book.ctx.now() + 15 * 60 * 1_000_000
    assert case["next_at"] == book.ctx.now() + FOUR_HOURS


async def test_nobody_who_may_receive_is_a_matter_for_people(book: Casebook) -> None:
    book.partners(partner("hotline-nl", "NL", accepts=()))
    case = await book.case(await book.decided())
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.NO_RECIPIENT)
    assert "takes nothing" in case["desk_text"]


async def test_the_facts_are_kept_for_a_later_comparison_of_policies(book: Casebook) -> None:
    case_id = await book.decided()
    (row,) = await book.rows(decisions)
    assert (row["case_id"], json.loads(row["facts"])["hosting_country"]) == (case_id, "NL")
    assert PAGE not in row["facts"] + row["decision"]


async def test_decided_again_the_same_it_keeps_its_referral(book: Casebook) -> None:
    case_id = await book.decided()
    await anew(book, case_id)
    assert len(await book.referrals(case_id)) == 1


async def test_decided_otherwise_what_has_not_left_is_replaced(book: Casebook) -> None:
    case_id = await book.decided()
    book.world.verdict = CANADIAN
    await anew(book, case_id)
    old, new = await book.referrals(case_id)
    assert (old["state"], old["next_at"]) == (ReferralState.SUPERSEDED, None)
    assert (new["partner"], new["state"], new["supersedes"]) == ("hotline-ca", ReferralState.WAITING, None)


async def test_decided_otherwise_what_a_person_chose_stays(book: Casebook) -> None:
    case_id = await book.decided()
    await set_referral(book, case_id, route="staff")
    book.world.verdict = CANADIAN
    await anew(book, case_id)
    assert [row["state"] for row in await book.referrals(case_id)] == [ReferralState.WAITING, ReferralState.WAITING]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"may_have_arrived": 1}, ReferralState.WITHDRAWING),
        ({"may_have_arrived": 1, "state": "held", "next_at": None}, ReferralState.WITHDRAWING),
        ({"may_have_arrived": 1, "state": "expired", "next_at": None}, ReferralState.WITHDRAWING),
        ({"may_have_arrived": 1, "state": "unknown", "next_at": None}, ReferralState.WITHDRAWING),
        ({"state": "sending"}, ReferralState.RECALL_PENDING),
    ],
    ids=lambda one: one.get("state", "waiting") if isinstance(one, dict) else None,
)
async def test_decided_otherwise_what_may_have_arrived_is_taken_back(
    book: Casebook, before: dict[str, object], after: ReferralState
) -> None:
    """Tried on and on, or left where it is, it would be worked on in two countries."""
    case_id = await book.decided()
    await set_referral(book, case_id, **before)
    book.world.verdict = CANADIAN
    case = await anew(book, case_id)
    old, new = await book.referrals(case_id)
    assert (old["state"], old["superseded_by"], old["next_at"]) == (after, new["id"], book.ctx.now())
    assert (new["partner"], new["state"], new["supersedes"]) == ("hotline-ca", ReferralState.WAITING, old["id"])
    assert case["state"] == CaseState.REFERRED


async def test_what_may_have_arrived_where_it_is_only_proposed_now_waits_for_people(book: Casebook) -> None:
    case_id = await book.decided()
    await set_referral(book, case_id, may_have_arrived=1)
    case = await anew(book, case_id, assessment="unassessed")
    assert (case["state"], (await book.referral(case_id))["state"]) == (CaseState.DESK, ReferralState.WAITING)


async def test_one_that_used_up_its_attempts_is_taken_back_before_the_same_partner_gets_another(
    book: Casebook,
) -> None:
    case_id = await book.decided()
    await set_referral(book, case_id, may_have_arrived=1, state="expired", next_at=None)
    await anew(book, case_id)
    old, new = await book.referrals(case_id)
    assert (old["state"], new["partner"], new["state"]) == (
        ReferralState.WITHDRAWING, "hotline-nl", ReferralState.WAITING,
    )  # fmt: skip


async def test_where_people_are_just_taking_it_back_nothing_goes_by_itself(book: Casebook) -> None:
    case_id = await book.decided()
    await set_referral(book, case_id, state="recall_pending")
    case = await anew(book, case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.OVERRULED)
    assert len(await book.referrals(case_id)) == 1


async def test_what_waits_keeps_up_with_a_case_that_became_urgent(book: Casebook) -> None:
    book.world.verdict = book.world.verdict.model_copy(update={"country": "BE", "countries": ("BE",)})
    case_id = await book.decided()
    assert (await book.referral(case_id))["rank"] == 2
    await book.take(reference="r-2", urgency="imminent_risk")
    await book.step(case_id, 2)
    row = await book.referral(case_id)
    assert (row["partner"], row["state"], row["rank"]) == ("federal-police", ReferralState.WAITING, 0)


async def test_a_moved_case_links_the_new_referral_to_the_one_it_leaves_behind(book: Casebook) -> None:
    case_id = await book.accepted()
    book.world.verdict = CANADIAN
    await anew(book, case_id, moved_from="NL")
    old, new = await book.referrals(case_id)
    assert (old["state"], new["partner"], new["supersedes"]) == (ReferralState.ACCEPTED, "hotline-ca", old["id"])


async def test_with_a_partner_at_work_a_case_on_the_desk_keeps_a_date(book: Casebook) -> None:
    """Its check would otherwise be forgotten for as long as people leave it lying."""
    case_id = await book.accepted()
    book.world.verdict = Verdict(kind=VerdictKind.CONFLICT)
    case = await anew(book, case_id)
    (check,) = await book.rows(follow_ups)
    assert (case["state"], case["next_at"]) == (CaseState.DESK, check["due_at"])


async def test_only_an_edge_is_dated_for_when_its_origin_must_be_known(book: Casebook) -> None:
    book.world.verdict = EDGE
    case = await book.case(await book.decided())
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.EDGE_ONLY)
    assert case["next_at"] == case["desk_due"] == case["desk_since"] + micros_of(book.rules.policy_.origin_wait)


async def test_judging_writes_nothing(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    before = len(await book.rows(audit))
    known, decision = await decide.judged(book.ctx, await open_case(book.ctx, await book.case(case_id)))
    assert (known.hosting_country, [r.partner for r in decision.recipients]) == ("NL", ["hotline-nl"])
    assert len(await book.rows(audit)) == before


async def anew(book: Casebook, case_id: str, **changed: object) -> Row:
    """Trace and decide a decided case once more."""
    values = {"state": "received", "desk_code": None, "next_at": book.ctx.now(), **changed}
    await book.ctx.store.commit(Transition(book.ctx.now(), (Change(cases, {"id": case_id}, values),)))
    return await book.step(case_id, 2)


async def set_referral(book: Casebook, case_id: str, **values: object) -> None:
    row = await book.referral(case_id)
    await book.ctx.store.commit(Transition(book.ctx.now(), (Change(referrals, {"id": row["id"]}, values),)))


def micros_of(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


async def test_what_two_partners_sent_back_is_for_people_who_get_no_third_guess(book: Casebook) -> None:
    case_id = await book.decided()
    for name in ("hotline-nl", "hotline-ca"):
        book.partner.script = [Refused(Refusal.REFUSED, "It is not ours.")]
        if name == "hotline-ca":
            await case_acts.refer(book.ctx, case_id, ANNA, "perhaps theirs", partner=name)
        await book.send(name)
    await case_acts.retrace(book.ctx, case_id, ANNA, "where is it")
    case = await book.step(case_id, 2)
    decision = await kept(book, case)
    assert (case["desk_code"], decision.recipients) == (DeskCode.BOUNCED, ())
    assert [one.route for one in decision.path if one.matched] == ["bounced-twice"]


async def test_what_came_through_two_hands_was_sent_back_by_nobody(book: Casebook) -> None:
    case_id = await book.take()
    path = {"path": '["hotline-de", "hotline-fr", "hotline-nl"]'}
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, path),)))
    case = await book.step(case_id, 2)
    assert (await kept(book, case)).path[-1].route != "bounced-twice"
