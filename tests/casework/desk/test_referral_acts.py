"""What staff do to a referral: final against any worker, dated or not dated as its new state wants."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from router.casework.case.quarantine import set_referral_aside
from router.casework.desk import case_acts, referral_acts
from router.clock import micros
from router.errors import BadInput, Conflict, NotFound
from router.partners.base import Deferred, EffectClass, Reason, Refused, Unknown
from router.store.base import Change, Transition
from router.store.schema.tables import audit, referrals
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook, Mail, casebook, partner

HOUR = 3600 * 1_000_000


async def a_referral(book: Casebook) -> str:
    return str((await book.referral(await book.decided()))["id"])


async def row(book: Casebook, referral_id: str) -> dict[str, object]:
    (found,) = await book.rows(referrals, referrals.c.id == referral_id)
    return found


async def test_held_it_has_no_date_and_does_not_leave(book: Casebook) -> None:
    one = await a_referral(book)
    view = await referral_acts.hold(book.ctx, one, ANNA, "police asked")
    assert (view.state, view.next_at, view.hold_reason) == (ReferralState.HELD, None, "staff")
    assert await book.send() == []


async def test_held_until_a_date_it_is_due_then(book: Casebook) -> None:
    until = book.clock.now() + timedelta(days=2)
    view = await referral_acts.hold(book.ctx, await a_referral(book), ANNA, "police asked", until=until)
    assert (view.next_at, view.hold_until) == (until, until)


async def test_nothing_is_held_until_yesterday(book: Casebook) -> None:
    with pytest.raises(BadInput) as refused:
        await referral_acts.hold(book.ctx, await a_referral(book), ANNA, "why", until=book.clock.now())
    assert refused.value.field == "until"


async def test_released_it_is_due_at_once(book: Casebook) -> None:
    one = await a_referral(book)
    await referral_acts.hold(book.ctx, one, ANNA, "police asked")
    book.later(hours=1)
    view = await referral_acts.release(book.ctx, one, ANNA, "they are done")
    assert (view.state, view.next_at, view.hold_until, view.hold_reason) == (
        ReferralState.WAITING, book.clock.now(), None, None,
    )  # fmt: skip
    with pytest.raises(Conflict):
        await referral_acts.release(book.ctx, one, ANNA, "again")


async def test_tried_again_it_is_due_now_and_has_all_its_attempts_again(book: Casebook) -> None:
    one = await a_referral(book)
    book.partner.script = [Deferred(Reason.BUSY, "busy", 3600.0)]
    await book.send()
    assert (await row(book, one))["attempts"] == 1
    view = await referral_acts.retry(book.ctx, one, ANNA, "they are back")
    assert (view.state, view.next_at, (await row(book, one))["attempts"]) == (
        ReferralState.WAITING, book.clock.now(), 0,
    )  # fmt: skip


async def test_recalled_before_it_left_it_never_leaves_and_people_get_the_case(book: Casebook) -> None:
    case_id = await book.decided()
    one = await book.referral(case_id)
    view = await referral_acts.recall(book.ctx, one["id"], ANNA, "wrong page")
    case = await book.case(case_id)
    assert (view.state, view.next_at) == (ReferralState.RECALLED, None)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.OVERRULED)
    assert await book.send() == []


async def test_recalled_after_it_was_accepted_the_partner_is_to_be_told(book: Casebook) -> None:
    one = await book.referral(await book.accepted())
    view = await referral_acts.recall(book.ctx, one["id"], ANNA, "wrong page")
    assert (view.state, view.next_at) == (ReferralState.WITHDRAWING, book.clock.now())


async def test_recalled_while_it_waits_after_a_try_that_may_have_arrived_the_partner_is_to_be_told(
    book: Casebook,
) -> None:
    one = await a_referral(book)
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer")]
    await book.send()
    view = await referral_acts.recall(book.ctx, one, ANNA, "wrong page")
    assert view.state is ReferralState.WITHDRAWING


async def test_recalled_while_it_is_sent_it_is_pending_until_that_is_settled(book: Casebook) -> None:
    one = await a_referral(book)
    (claimed,) = await book.claim()
    view = await referral_acts.recall(book.ctx, one, ANNA, "wrong page")
    kept = await row(book, one)
    assert (view.state, kept["claimed_by"], kept["next_at"]) == (
        ReferralState.RECALL_PENDING, book.ctx.owner, claimed["next_at"],
    )  # fmt: skip


async def test_with_another_referral_alive_the_case_stays_where_it_is(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    one = next(r for r in await book.referrals(case_id) if r["partner"] == "hotline-nl")
    await referral_acts.recall(book.ctx, one["id"], ANNA, "wrong page")
    assert (await book.case(case_id))["state"] == CaseState.REFERRED


async def test_recalled_both_while_they_were_sent_nobody_has_it_and_people_are_asked(book: Casebook) -> None:
    """Each recall saw another referral, which was itself being recalled: nobody would ever have looked again."""
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    for name in ("hotline-nl", "hotline-ca"):
        await book.claim(name)
    for one in await book.referrals(case_id):
        await referral_acts.recall(book.ctx, one["id"], ANNA, "wrong page")
    case = await book.case(case_id)
    assert {row["state"] for row in await book.referrals(case_id)} == {ReferralState.RECALL_PENDING}
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.OVERRULED)


async def test_taken_back_from_the_police_a_child_at_risk_stays_at_risk(book: Casebook) -> None:
    case_id = await book.decided(urgency="imminent_risk")
    due = (await book.case(case_id))["desk_due"]
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "they have it by phone")
    case = await book.case(case_id)
    assert (case["desk_code"], case["desk_due"]) == (DeskCode.CHILD_AT_RISK, due)


async def test_nothing_of_a_closed_case_is_tried_again(book: Casebook) -> None:
    case_id = await book.decided()
    one = (await book.referral(case_id))["id"]
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send()
    await case_acts.close(book.ctx, case_id, ANNA, "gone", outcome=Outcome.REMOVED)
    with pytest.raises(Conflict) as refused:
        await referral_acts.retry(book.ctx, one, ANNA, "once more")
    assert refused.value.reason == "case_closed"
    assert refused.value.message.endswith("Report the location again: that opens a new case.")
    assert (await row(book, one))["state"] == ReferralState.REFUSED


@pytest.mark.parametrize("outcome", [Refused(Reason.REFUSED, "Not ours."), Deferred(Reason.BUSY, "busy", 3600.0)])
async def test_tried_again_the_desks_question_is_answered(book: Casebook, outcome: Refused | Deferred) -> None:
    case_id = await book.decided()
    book.partner.script = [outcome]
    await book.send()
    book.later(hours=4)
    case = await book.step(case_id)
    assert case["desk_code"] in (DeskCode.REFUSED, DeskCode.UNDELIVERED)
    await referral_acts.retry(book.ctx, (await book.referral(case_id))["id"], ANNA, "they are back")
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    assert case["next_at"] == book.ctx.now() + 4 * HOUR


async def test_let_go_the_question_about_its_hold_is_answered(book: Casebook) -> None:
    case_id = await book.decided()
    one = (await book.referral(case_id))["id"]
    await referral_acts.hold(book.ctx, one, ANNA, "police asked")
    book.later(hours=4)
    assert (await book.step(case_id))["desk_code"] == DeskCode.STOPPED
    await referral_acts.release(book.ctx, one, ANNA, "they are done")
    assert (await book.case(case_id))["state"] == CaseState.REFERRED


async def test_a_question_of_another_kind_stays_when_something_is_tried_again(book: Casebook) -> None:
    case_id = await book.decided(urgency="imminent_risk")
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send("federal-police")
    await referral_acts.retry(book.ctx, (await book.referral(case_id))["id"], ANNA, "they said yes")
    assert (await book.case(case_id))["desk_code"] == DeskCode.CHILD_AT_RISK


async def test_what_is_held_or_tried_again_is_looked_at_before_the_next_check(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    await book.send("hotline-nl")
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send("hotline-ca")
    await case_acts.retrace(book.ctx, case_id, ANNA, "look again")
    book.rules.policy_ = book.rules.policy_.model_copy(
        update={"routes": tuple(one for one in book.rules.policy_.routes if one.name != "account-abroad")}
    )
    case = await book.step(case_id, 2)
    assert (case["state"], case["next_at"]) == (CaseState.REFERRED, book.ctx.now() + 5 * 24 * HOUR)
    one = next(r for r in await book.referrals(case_id) if r["partner"] == "hotline-ca")
    await referral_acts.retry(book.ctx, one["id"], ANNA, "they said yes after all")
    assert (await book.case(case_id))["next_at"] == book.ctx.now() + 4 * HOUR


async def test_overridden_the_new_one_takes_over_from_the_old(book: Casebook) -> None:
    case_id = await book.decided()
    old = await book.referral(case_id)
    new = await referral_acts.override(book.ctx, old["id"], ANNA, "the operator is Canadian", country="CA")
    assert (new.partner, new.state, new.supersedes) == ("hotline-ca", ReferralState.WAITING, old["id"])
    gone = await row(book, old["id"])
    assert (gone["state"], gone["superseded_by"], gone["next_at"]) == (ReferralState.SUPERSEDED, new.id, None)
    case = await book.case(case_id)
    assert (case["assigned_country"], case["state"]) == ("CA", CaseState.REFERRED)


async def test_overridden_after_it_was_accepted_the_old_one_is_withdrawn(book: Casebook) -> None:
    old = await book.referral(await book.accepted())
    new = await referral_acts.override(book.ctx, old["id"], ANNA, "wrong country", partner="hotline-ca")
    gone = await row(book, old["id"])
    assert (gone["state"], gone["superseded_by"]) == (ReferralState.WITHDRAWING, new.id)


async def test_overridden_by_one_that_has_it_already_is_refused(book: Casebook) -> None:
    case_id = await book.decided()
    old = await book.referral(case_id)
    with pytest.raises(BadInput, match="already goes to this partner"):
        await referral_acts.override(book.ctx, old["id"], ANNA, "why", partner="hotline-nl")
    await referral_acts.override(book.ctx, old["id"], ANNA, "why", partner="hotline-ca")
    new = next(r for r in await book.referrals(case_id) if r["partner"] == "hotline-ca")
    assert new["state"] == ReferralState.WAITING


async def test_a_partner_that_the_law_bars_is_not_chosen_by_hand_either(book: Casebook) -> None:
    book.partners(partner("hotline-ca", "CA", enabled=False))
    one = await a_referral(book)
    with pytest.raises(BadInput):
        await referral_acts.override(book.ctx, one, ANNA, "why", partner="hotline-ca")
    assert (await row(book, one))["state"] == ReferralState.WAITING


async def test_what_is_over_is_not_overridden(book: Casebook) -> None:
    case_id = await book.decided()
    one = await book.referral(case_id)
    await case_acts.close(book.ctx, case_id, ANNA, "not illegal", outcome=Outcome.NOT_ILLEGAL)
    with pytest.raises(Conflict):
        await referral_acts.override(book.ctx, one["id"], ANNA, "why", country="CA")


Act = Callable[..., Awaitable[object]]
ACTS: list[Act] = [referral_acts.hold, referral_acts.release, referral_acts.retry, referral_acts.recall]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
async def test_every_act_wants_the_version_that_was_seen_and_a_reason(book: Casebook, act: Act) -> None:
    one = await a_referral(book)
    if act is referral_acts.release:
        await referral_acts.hold(book.ctx, one, ANNA, "first")
    before = await row(book, one)
    with pytest.raises(Conflict):
        await act(book.ctx, one, ANNA, "why", version=99)
    with pytest.raises(BadInput):
        await act(book.ctx, one, ANNA, " ")
    with pytest.raises(NotFound):
        await act(book.ctx, "no such referral", ANNA, "why")
    assert await row(book, one) == before
    await act(book.ctx, one, ANNA, "why", version=before["version"])
    assert (await row(book, one))["version"] == before["version"] + 1


async def test_an_act_is_in_the_audit_with_who_and_where_it_stood(book: Casebook) -> None:
    one = await a_referral(book)
    await referral_acts.hold(book.ctx, one, ANNA, "police asked")
    (event,) = await book.rows(audit, audit.c.act == "referral.held")
    assert (event["actor"], event["referral_id"]) == (ANNA.id, one)
    assert '"was":"waiting"' in event["detail"].replace(" ", "")
    assert "police" not in event["detail"]


async def test_by_mail_what_may_have_arrived_is_sent_again_only_by_a_persons_key(tmp_path: Path) -> None:
    async with casebook(tmp_path, Mail(script=[Unknown(Reason.NO_ANSWER, "no answer")])) as book:
        one = await a_referral(book)
        await book.send()
        assert (await row(book, one))["state"] == ReferralState.UNKNOWN
        assert await book.send() == []
        await referral_acts.retry(book.ctx, one, ANNA, "they say they have nothing")
        await book.send()
        assert (await row(book, one))["state"] == ReferralState.ACCEPTED
        assert micros(book.clock.now()) == (await row(book, one))["accepted_at"]


async def test_held_after_a_sender_died_it_is_not_forgotten_that_it_may_have_arrived(book: Casebook) -> None:
    """The claims tell it, and an act lets go of them: taken back later, its partner would never be told."""
    one = await a_referral(book)
    book.partner.script = [Deferred(Reason.BUSY, "busy", 3600.0)]
    await book.send()
    dead = Change(referrals, {"id": one}, {"claims": 2})
    await book.ctx.store.commit(Transition(1, (dead,)))
    await referral_acts.hold(book.ctx, one, ANNA, "police asked")
    view = await referral_acts.recall(book.ctx, one, ANNA, "wrong page")
    assert view.state is ReferralState.WITHDRAWING


@pytest.mark.parametrize("died", [True, False])
async def test_what_was_set_aside_is_looked_for_when_it_is_tried_again(book: Casebook, *, died: bool) -> None:
    """No sender lived long enough to look for it; what the router did look for, a person has looked for too."""
    book.partner.effect = EffectClass.RECONCILABLE  # type: ignore[misc] # every one's, but this is the only one
    one = await a_referral(book)
    book.partner.script = [
        Deferred(Reason.BUSY, "busy", 60.0) if died else Unknown(Reason.NO_ANSWER, "?", for_people=True)
    ]
    await book.send()
    if died:
        await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": one}, {"claims": 4}),)))
        book.later(minutes=2)
        (claimed,) = await book.claim()
        await set_referral_aside(book.ctx, claimed)
    assert (await row(book, one))["state"] == ReferralState.UNKNOWN
    await referral_acts.retry(book.ctx, one, ANNA, "once more")
    assert bool((await row(book, one))["in_doubt"]) is died


async def test_by_mail_what_a_sender_died_of_is_asked_about_after_a_hold_too(tmp_path: Path) -> None:
    """A hold lets go of the claims: released, it must not leave as if nobody had sent it."""
    async with casebook(tmp_path, Mail(script=[Deferred(Reason.BUSY, "busy", 3600.0)])) as book:
        one = await a_referral(book)
        await book.send()
        died = Change(referrals, {"id": one}, {"claims": 2}, keep_claim=True)
        await book.ctx.store.commit(Transition(1, (died,)))
        await referral_acts.hold(book.ctx, one, ANNA, "police asked")
        await referral_acts.release(book.ctx, one, ANNA, "they are done")
        calls = len(book.partner.calls)
        await book.send()
        assert ((await row(book, one))["state"], len(book.partner.calls)) == (ReferralState.UNKNOWN, calls)
