"""An end to a case: an outcome, what it rests on, and nothing left of it that waits."""

import pytest

from router.casework.case.close import closed, done
from router.casework.deliver import send as deliver
from router.casework.desk import referral_acts
from router.errors import Conflict
from router.partners.base import Accepted, Deferred, Reason, Refused, Unknown
from router.partners.base import Outcome as SendOutcome
from router.store.base import Event, Transition
from router.store.schema.tables import actions, audit, follow_ups
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import ActionType, Outcome
from tests.casebook import ANNA, Casebook


async def close(book: Casebook, case_id: str, outcome: Outcome = Outcome.REMOVED) -> dict[str, object]:
    event = Event("case.closed", ANNA.id, case_id)
    case = await book.case(case_id)
    await book.ctx.store.commit(await closed(book.ctx, case, outcome, "seen by Anna", ANNA.id, event))
    return await book.case(case_id)


async def test_a_closed_case_has_an_outcome_a_ground_and_no_date(book: Casebook) -> None:
    case = await close(book, await book.decided())
    assert (case["state"], case["outcome"], case["rests_on"]) == (CaseState.CLOSED, Outcome.REMOVED, "seen by Anna")
    assert (case["closed_at"], case["next_at"], case["desk_code"]) == (book.ctx.now(), None, None)
    assert [row["act"] for row in await book.rows(audit)][-1] == "case.closed"


async def test_what_has_not_left_never_leaves(book: Casebook) -> None:
    case_id = await book.decided()
    await close(book, case_id)
    assert (await book.referral(case_id))["state"] == ReferralState.SUPERSEDED
    assert await book.send() == []


async def test_what_was_held_never_leaves_either(book: Casebook) -> None:
    case_id = await book.decided()
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "wait")
    await close(book, case_id)
    assert (await book.referral(case_id))["state"] == ReferralState.SUPERSEDED


async def test_what_may_have_arrived_is_withdrawn_at_the_partner(book: Casebook) -> None:
    case_id = await book.decided()
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer")]
    await book.send()
    await close(book, case_id)
    referral = await book.referral(case_id)
    assert referral["state"] == ReferralState.WITHDRAWING
    assert referral["next_at"] is not None


async def test_held_after_it_may_have_arrived_it_is_withdrawn_as_well(book: Casebook) -> None:
    """A hold has no date, and a withdrawal without one could not even be written down."""
    case_id = await book.decided()
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer")]
    await book.send()
    await referral_acts.hold(book.ctx, (await book.referral(case_id))["id"], ANNA, "wait")
    await close(book, case_id)
    referral = await book.referral(case_id)
    assert (referral["state"], referral["next_at"]) == (ReferralState.WITHDRAWING, book.ctx.now())


@pytest.mark.parametrize("outcome", [Refused(Reason.REFUSED, "no"), Deferred(Reason.BUSY, "later"), Accepted("NL-1")])
async def test_being_sent_again_after_it_may_have_arrived_it_is_withdrawn_whatever_comes_of_this_try(
    book: Casebook, outcome: SendOutcome
) -> None:
    case_id = await book.decided()
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer"), outcome]
    await book.send()
    book.partner.meanwhile = lambda: close(book, case_id, Outcome.NOT_ILLEGAL)
    await book.send()
    referral = await book.referral(case_id)
    assert (referral["state"], referral["next_at"]) == (ReferralState.WITHDRAWING, book.ctx.now())


async def test_closed_before_a_second_try_leaves_it_is_withdrawn_and_not_sent(book: Casebook) -> None:
    case_id = await book.decided()
    book.partner.script = [Unknown(Reason.NO_ANSWER, "no answer")]
    await book.send()
    rows = await book.claim()
    await close(book, case_id, Outcome.NOT_ILLEGAL)
    assert (await book.referral(case_id))["state"] == ReferralState.RECALL_PENDING
    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    await deliver.run(book.ctx, found, rows)
    assert len(book.partner.calls) == 1
    assert (await book.referral(case_id))["state"] == ReferralState.WITHDRAWING


async def test_being_sent_for_the_first_time_it_is_left_to_its_sender(book: Casebook) -> None:
    case_id = await book.decided()
    await book.claim()
    await close(book, case_id)
    assert (await book.referral(case_id))["state"] == ReferralState.SENDING


async def test_what_the_partner_has_stays_with_the_partner(book: Casebook) -> None:
    case_id = await book.accepted()
    await close(book, case_id)
    assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED


@pytest.mark.parametrize(
    ("outcome", "finding"), [(Outcome.REMOVED, "removed"), (Outcome.UNAVAILABLE, "gone"), (Outcome.MOVED, "gone")]
)
async def test_its_check_is_done_with(book: Casebook, outcome: Outcome, finding: str) -> None:
    case_id = await book.accepted()
    await close(book, case_id, outcome)
    (check,) = await book.rows(follow_ups)
    assert (check["done_at"], check["finding"]) == (book.ctx.now(), finding)


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_a_peer_that_asks_is_told_in_iccams_words(book: Casebook, outcome: Outcome) -> None:
    await close(book, await book.decided(), outcome)
    told = [(row["action"], row["by"]) for row in await book.rows(actions)]
    words = {
        Outcome.REMOVED: ActionType.REMOVED,
        Outcome.UNAVAILABLE: ActionType.UNAVAILABLE,
        Outcome.NOT_ILLEGAL: ActionType.NOT_ILLEGAL,
        Outcome.MOVED: ActionType.MOVED,
    }
    assert told == ([(words[outcome], ANNA.id)] if outcome in words else [])


async def test_a_case_that_changed_meanwhile_is_not_closed(book: Casebook) -> None:
    case_id = await book.decided()
    seen = await book.case(case_id)
    await book.take(reference="r-2", urgency="live")
    with pytest.raises(Conflict):
        await book.ctx.store.commit(
            await closed(book.ctx, seen, Outcome.REMOVED, "old news", ANNA.id, Event("case.closed", ANNA.id, case_id))
        )
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED


async def test_a_check_is_finished_once(book: Casebook) -> None:
    case_id = await book.accepted()
    changes = await done(book.ctx, case_id, 7, "gone")
    await book.ctx.store.commit(Transition(7, tuple(changes)))
    assert await done(book.ctx, case_id, 8, "gone") == []
    with pytest.raises(Conflict):
        await book.ctx.store.commit(Transition(8, tuple(changes)))
