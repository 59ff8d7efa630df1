"""What staff do to a case, each act with its effect on the case, its referrals and the audit."""

from typing import Any

import pytest

from router.casework.case.record import open_case
from router.casework.desk import case_acts, referral_acts
from router.casework.desk.replace_referral import instead
from router.errors import BadInput, Conflict, NotFound
from router.store.base import Change, Transition
from router.store.schema.tables import audit, cases, decisions, referrals
from schemas.casefile import DeskCode
from schemas.decision import Decision
from schemas.partner import PartnerKind
from schemas.states import CaseState, ReferralState
from schemas.trace import NamedOrigin, Verdict, VerdictKind
from schemas.vocabulary import Assessment, Outcome
from tests.casebook import ANNA, CANADIAN, EDGE, FORM, Casebook, partner

TOLD = NamedOrigin(addresses=("3.120.0.1",), by="staff", on="2026-11-22")
DAY = 24 * 3600 * 1_000_000


async def unassessed(book: Casebook) -> str:
    return await book.decided(actor=FORM)


async def test_one_key_assesses_and_sends_the_proposal(book: Casebook) -> None:
    case_id = await unassessed(book)
    (sent,) = await case_acts.send(book.ctx, case_id, ANNA, "clear", assessment=Assessment.BASELINE)
    case = await book.case(case_id)
    assert (sent.partner, sent.state) == ("hotline-nl", ReferralState.WAITING)
    assert (case["state"], case["desk_code"], case["assessment"]) == (CaseState.REFERRED, None, "baseline")
    assert (case["assessed_at"], case["assigned_country"]) == (book.ctx.now(), "NL")


async def test_the_assessment_just_given_is_what_the_policy_judges(book: Casebook) -> None:
    """National-law-only material goes to nobody who does not take it, whatever was proposed before."""
    case_id = await unassessed(book)
    with pytest.raises(Conflict) as refused:
        await case_acts.send(book.ctx, case_id, ANNA, "clear", assessment=Assessment.NATIONAL)
    assert refused.value.reason == "no_proposal"
    assert (await book.case(case_id))["assessment"] == Assessment.UNASSESSED


async def test_what_a_partner_takes_is_asked_of_the_assessment_given(book: Casebook) -> None:
    book.partners(partner("hotline-nl", "NL", accepts=("national",)))
    case_id = await unassessed(book)
    (sent,) = await case_acts.send(book.ctx, case_id, ANNA, "clear", assessment=Assessment.NATIONAL)
    assert sent.partner == "hotline-nl"


async def test_nothing_leaves_that_nobody_assessed(book: Casebook) -> None:
    case_id = await unassessed(book)
    for act in (case_acts.send, case_acts.refer):
        with pytest.raises(BadInput) as refused:
            await act(book.ctx, case_id, ANNA, "clear", **({"partner": "hotline-nl"} if act is case_acts.refer else {}))
        assert refused.value.field == "assessment"
    with pytest.raises(BadInput, match="close the case"):
        await case_acts.send(book.ctx, case_id, ANNA, "clear", assessment=Assessment.NOT_ILLEGAL)
    with pytest.raises(BadInput, match="Nobody has assessed"):
        await case_acts.send(book.ctx, case_id, ANNA, "clear", assessment=Assessment.UNASSESSED)
    assert await book.referrals(case_id) == []


async def test_a_case_without_a_proposal_has_nothing_to_send(book: Casebook) -> None:
    book.world.verdict = Verdict(kind=VerdictKind.CONFLICT)
    case_id = await book.decided()
    with pytest.raises(Conflict) as refused:
        await case_acts.send(book.ctx, case_id, ANNA, "clear")
    assert refused.value.reason == "no_proposal"


async def test_what_was_sent_is_not_sent_twice(book: Casebook) -> None:
    case_id = await book.accepted()
    with pytest.raises(Conflict):
        await case_acts.send(book.ctx, case_id, ANNA, "again")
    assert len(await book.referrals(case_id)) == 1


async def test_the_decision_is_the_persons_with_the_path_that_proposed_it(book: Casebook) -> None:
    case_id = await unassessed(book)
    await case_acts.send(book.ctx, case_id, ANNA, "clear", assessment=Assessment.BASELINE)
    row = (await book.rows(decisions))[-1]
    kept = Decision.model_validate_json(row["decision"])
    assert (row["by"], kept.by, kept.desk) == (ANNA.id, ANNA.id, ())
    assert "hotline-abroad" in [one.route for one in kept.path if one.matched]
    assert "clear" not in row["decision"]


async def test_a_person_refers_to_a_partner_of_their_own_choice(book: Casebook) -> None:
    book.world.verdict = Verdict(kind=VerdictKind.CONFLICT)
    case_id = await book.decided()
    sent = await case_acts.refer(book.ctx, case_id, ANNA, "the imprint says so", country="CA")
    case = await book.case(case_id)
    assert (sent.partner, sent.route, case["assigned_country"]) == ("hotline-ca", "staff", "CA")
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)


async def test_what_has_not_left_is_replaced_and_what_was_accepted_gets_company(book: Casebook) -> None:
    waiting = await book.decided()
    new = await case_acts.refer(book.ctx, waiting, ANNA, "rather Canada", partner="hotline-ca")
    assert new.supersedes is not None
    accepted = await book.accepted(location="https://other.test/", reference="r-2")
    more = await case_acts.refer(book.ctx, accepted, ANNA, "Canada too", partner="hotline-ca")
    assert more.supersedes is None
    assert {row["state"] for row in await book.referrals(accepted)} == {ReferralState.ACCEPTED, ReferralState.WAITING}


@pytest.mark.parametrize(
    ("stands", "after"),
    [
        ({"state": "held", "next_at": None}, "superseded"),
        ({"state": "sending"}, "recall_pending"),
        ({"state": "unknown", "next_at": None, "may_have_arrived": 1}, "withdrawing"),
    ],
    ids=lambda one: one["state"] if isinstance(one, dict) else one,
)
async def test_what_nobody_accepted_makes_room_for_another_one(
    book: Casebook, stands: dict[str, Any], after: str
) -> None:
    """Two hotlines never work on it because of where the first one's delivery happened to stand."""
    case_id = await book.decided()
    (row,) = await book.referrals(case_id)
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, stands),)))
    new = await case_acts.refer(book.ctx, case_id, ANNA, "rather Canada", partner="hotline-ca")
    old = (await book.referrals(case_id))[0]
    assert (new.supersedes, old["state"], old["superseded_by"]) == (old["id"], after, new.id)


async def test_what_is_being_recalled_already_is_let_be(book: Casebook) -> None:
    case_id = await book.decided()
    (row,) = await book.claim()
    await referral_acts.recall(book.ctx, row["id"], ANNA, "not them")
    new = await case_acts.refer(book.ctx, case_id, ANNA, "Canada", partner="hotline-ca")
    assert new.supersedes is None
    assert [one["state"] for one in await book.referrals(case_id)] == ["recall_pending", "waiting"]


async def test_who_has_the_case_already_is_named_as_the_reason(book: Casebook) -> None:
    case_id = await book.accepted()
    with pytest.raises(Conflict, match="already has a referral of the case") as refused:
        await case_acts.refer(book.ctx, case_id, ANNA, "once more", partner="hotline-nl")
    assert refused.value.reason == "duplicate"


async def test_an_assessment_given_with_another_partner_is_kept_and_judged(book: Casebook) -> None:
    """The referral that waits makes room for another one, and the key that said so said what it is, too."""
    book.partners(partner("hotline-ca", "CA", accepts=("national",)))
    case_id = await book.decided()
    await set_case(book, case_id, assessment="unassessed", assessed_at=None)
    with pytest.raises(BadInput):
        await case_acts.refer(book.ctx, case_id, ANNA, "Canada", partner="hotline-ca", assessment=Assessment.BASELINE)
    new = await case_acts.refer(book.ctx, case_id, ANNA, "Canada", partner="hotline-ca", assessment=Assessment.NATIONAL)
    case = await book.case(case_id)
    assert (case["assessment"], case["assessed_at"]) == (Assessment.NATIONAL, book.ctx.now())
    assert (new.partner, new.supersedes is not None) == ("hotline-ca", True)
    facts = (await book.rows(decisions))[-1]["facts"]
    assert '"assessment":"national"' in facts.replace(" ", "")


async def test_another_partner_is_chosen_for_the_case_as_it_was_seen(
    book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's act between reading the case and writing the choice down must not be overwritten."""
    case_id = await book.decided()
    seen = await book.case(case_id)
    with pytest.raises(Conflict):
        await case_acts.refer(book.ctx, case_id, ANNA, "Canada", partner="hotline-ca", version=seen["version"] + 1)
    whole = instead

    async def late(*given: Any, **more: Any) -> Any:
        await case_acts.retrace(book.ctx, case_id, ANNA, "meanwhile")
        return await whole(*given, **more)

    monkeypatch.setattr(case_acts, "instead", late)
    with pytest.raises(Conflict):
        await case_acts.refer(book.ctx, case_id, ANNA, "Canada", partner="hotline-ca", version=seen["version"])
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED
    assert [row["state"] for row in await book.referrals(case_id)] == [ReferralState.WAITING]


async def test_sent_once_more_to_the_same_partner_the_one_that_may_have_arrived_is_taken_back(book: Casebook) -> None:
    case_id = await book.decided()
    (row,) = await book.referrals(case_id)
    expired = {"state": "expired", "next_at": None, "may_have_arrived": 1}
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, expired),)))
    new = await case_acts.refer(book.ctx, case_id, ANNA, "they are back", partner="hotline-nl")
    old = (await book.referrals(case_id))[0]
    assert (old["state"], old["superseded_by"], old["next_at"]) == (
        ReferralState.WITHDRAWING, new.id, book.ctx.now(),
    )  # fmt: skip


async def test_a_person_who_says_yes_ends_the_routes_hold(book: Casebook) -> None:
    routes = tuple(
        route.model_copy(update={"hold": book.rules.policy_.follow_up, "reason": "police clearance", "mode": "propose"})
        if route.name == "hotline-abroad"
        else route
        for route in book.rules.policy_.routes
    )
    book.rules.policy_ = book.rules.policy_.model_copy(update={"routes": routes})
    (sent,) = await case_acts.send(book.ctx, await book.decided(), ANNA, "cleared")
    assert (sent.state, sent.hold_until) == (ReferralState.WAITING, None)


async def test_what_a_person_says_it_is_has_the_case_decided_anew(book: Casebook) -> None:
    case_id = await unassessed(book)
    await case_acts.assess(book.ctx, case_id, ANNA, "seen", assessment=Assessment.BASELINE)
    case = await book.case(case_id)
    assert (case["state"], case["assessment"], case["assessed_at"]) == ("received", "baseline", book.ctx.now())
    await book.step(case_id, 2)
    (row,) = await book.referrals(case_id)
    assert (row["partner"], row["route"]) == ("hotline-nl", "hotline-abroad")


async def test_assessed_otherwise_what_has_not_left_never_leaves(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.assess(book.ctx, case_id, ANNA, "a statue", assessment=Assessment.NOT_ILLEGAL)
    case = await book.step(case_id, 2)
    assert (case["state"], case["assessment"]) == (CaseState.DESK, Assessment.NOT_ILLEGAL)
    assert [row["state"] for row in await book.referrals(case_id)] == [ReferralState.SUPERSEDED]


async def test_an_assessment_can_be_taken_back(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.assess(book.ctx, case_id, ANNA, "the wrong case", assessment=Assessment.UNASSESSED)
    assert (await book.case(case_id))["assessed_at"] is None
    case = await book.step(case_id, 2)
    assert (case["desk_code"], case["assessment"]) == (DeskCode.NOT_ASSESSED, Assessment.UNASSESSED)


async def test_an_assessment_answers_no_question_but_its_own(book: Casebook) -> None:
    """Whoever says what it is has not told the partner yet that an earlier referral was taken back."""
    told = "Tell hotline-nl by hand that this was taken back."
    case_id = await book.accepted()
    await set_case(book, case_id, state="desk", desk_code="withdraw", desk_text=told, desk_since=1, desk_due=2)
    await case_acts.assess(book.ctx, case_id, ANNA, "national", assessment=Assessment.NATIONAL)
    case = await book.step(case_id, 2)
    assert (case["state"], case["desk_code"], case["desk_text"]) == (CaseState.DESK, DeskCode.WITHDRAW, told)


async def test_a_case_that_was_just_reported_is_assessed_at_once(book: Casebook) -> None:
    case_id = await book.take(actor=FORM)
    await case_acts.assess(book.ctx, case_id, ANNA, "seen", assessment=Assessment.BASELINE)
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED
    assert (await book.step(case_id, 2))["state"] == CaseState.REFERRED
    await case_acts.close(book.ctx, case_id, ANNA, "over", outcome=Outcome.REMOVED)
    with pytest.raises(Conflict) as refused:
        await case_acts.assess(book.ctx, case_id, ANNA, "again", assessment=Assessment.BASELINE)
    assert refused.value.reason == "not_now"


async def test_what_is_with_a_partner_comes_to_the_desk_when_a_person_says_so(book: Casebook) -> None:
    case_id = await book.accepted()
    before = await book.case(case_id)
    await case_acts.ask(book.ctx, case_id, ANNA, "the imprint says Canada")
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.ASKED)
    assert (case["desk_since"], case["next_at"]) == (book.ctx.now(), before["next_at"])
    assert "Canada" not in case["desk_text"], "what was typed stays sealed"
    assert [row["state"] for row in await book.referrals(case_id)] == [ReferralState.ACCEPTED]
    await case_acts.refer(book.ctx, case_id, ANNA, "Canada too", partner="hotline-ca")
    assert (await book.case(case_id))["desk_code"] is None


async def test_what_is_on_the_desk_or_comes_there_by_itself_is_not_put_there(book: Casebook) -> None:
    on_desk, new = await unassessed(book), await book.take(location="https://new.test/", reference="r-2")
    for case_id in (on_desk, new):
        before = await book.case(case_id)
        with pytest.raises(Conflict) as refused:
            await case_acts.ask(book.ctx, case_id, ANNA, "why")
        assert refused.value.reason == "not_now"
        assert await book.case(case_id) == before


async def test_traced_again_it_is_decided_anew(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.retrace(book.ctx, case_id, ANNA, "it moved")
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED
    book.world.verdict = CANADIAN
    assert (await book.step(case_id, 2))["hosting_country"] == "CA"


async def test_the_origin_that_the_cdn_named_is_kept_sealed_and_traced(book: Casebook) -> None:
    book.world.verdict = EDGE
    case_id = await book.decided()
    await case_acts.origin(book.ctx, case_id, ANNA, "the CDN told", ip=" 3.120.0.1 ")
    case = await book.case(case_id)
    assert (await open_case(book.ctx, case)).secrets.origin == TOLD
    assert (case["state"], case["desk_code"]) == (CaseState.RECEIVED, None)
    assert "3.120" not in repr([row["detail"] for row in await book.rows(audit)])
    await book.step(case_id)
    assert book.world.asked[-1][0].host == "example.test"
    assert book.world.origins[-1] == TOLD


@pytest.mark.parametrize("ip", ["", "example.test", "10.0.0.1", "127.0.0.1", "203.0.113.7", "::1", "3.120.0.1/24"])
async def test_only_a_public_address_is_an_origin(book: Casebook, ip: str) -> None:
    case_id = await book.decided()
    with pytest.raises(BadInput) as refused:
        await case_acts.origin(book.ctx, case_id, ANNA, "why", ip=ip)
    assert refused.value.field == "ip"
    assert not ip or ip == "203.0.113.7" or ip not in refused.value.message


async def test_closed_it_rests_on_the_person(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.close(book.ctx, case_id, ANNA, "a cat", outcome=Outcome.NOT_ILLEGAL)
    case = await book.case(case_id)
    assert (case["outcome"], ANNA.id in case["rests_on"], "cat" in case["rests_on"]) == ("not_illegal", True, False)
    with pytest.raises(Conflict):
        await case_acts.close(book.ctx, case_id, ANNA, "again", outcome=Outcome.REMOVED)


async def test_every_act_wants_the_version_that_was_seen_and_a_reason(book: Casebook) -> None:
    case_id = await book.decided()
    before = await book.case(case_id)
    with pytest.raises(Conflict):
        await case_acts.retrace(book.ctx, case_id, ANNA, "why", version=before["version"] + 1)
    with pytest.raises(BadInput):
        await case_acts.close(book.ctx, case_id, ANNA, "", outcome=Outcome.REMOVED)
    with pytest.raises(NotFound):
        await case_acts.retrace(book.ctx, "no such case", ANNA, "why")
    assert await book.case(case_id) == before


async def test_police_that_take_it_by_hand_are_a_partner_like_any_other(book: Casebook) -> None:
    book.partners(partner("federal-police", "BE", kind=PartnerKind.POLICE))
    case_id = await book.accepted()
    assert (await case_acts.refer(book.ctx, case_id, ANNA, "for them too", partner="federal-police")).state == "waiting"


async def set_case(book: Casebook, case_id: str, **values: object) -> None:
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, values),)))
