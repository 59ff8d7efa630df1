"""What an attempt's outcome does to a referral and its case, also when staff acted while it was under way."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.casework.case.desk_entry import is_asked, open_questions
from router.casework.decide import step as decide
from router.casework.deliver import outcome as settle
from router.casework.desk import case_acts, referral_acts
from router.casework.read.lists import views_of
from router.casework.referral.row import NONE_GIVEN
from router.delivery.schedule import STEPS
from router.errors import Conflict, NotSent
from router.partners.base import Accepted, Deferred, EffectClass, Outcome, Reason, Refused, Unknown
from router.store.base import Change, Row, Transition
from router.store.schema.tables import attempts, audit, cases, follow_ups, referrals
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome as Ending
from tests.casebook import ANNA, FORM, Casebook, Mail, casebook

FIVE_DAYS = 5 * 24 * 3600 * 1_000_000
BUSY = Deferred(Reason.BUSY, "come later", 60.0)
#: What only a person answers.
QUESTIONS = (DeskCode.CHILD_AT_RISK, DeskCode.WITHDRAW, DeskCode.DISAGREE, DeskCode.ASKED)
NO_ANSWER = Unknown(Reason.NO_ANSWER, "no answer came")


async def tried(book: Casebook, *outcomes: Outcome | Exception) -> tuple[Row, Row]:
    """Send a new case once; return its referral and the case."""
    case_id = await book.decided()
    book.partner.script = list(outcomes)
    await book.send()
    return await book.referral(case_id), await book.case(case_id)


async def test_accepted_it_has_its_receipt_and_the_check_is_dated(book: Casebook) -> None:
    referral, case = await tried(book, Accepted("NL-7"))
    (check,) = await book.rows(follow_ups)
    assert (referral["state"], referral["receipt"], referral["next_at"]) == (ReferralState.ACCEPTED, "NL-7", None)
    assert (referral["accepted_at"], referral["may_have_arrived"]) == (book.ctx.now(), 1)
    assert case["next_at"] == check["due_at"] == book.ctx.now() + FIVE_DAYS


async def test_a_second_acceptance_keeps_the_one_open_check(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    await book.send("hotline-nl")
    book.later(hours=3)
    await book.send("hotline-ca")
    (check,) = await book.rows(follow_ups)
    assert (await book.case(case_id))["next_at"] == check["due_at"] == book.ctx.now() + FIVE_DAYS - 3 * 3600 * 1_000_000


async def test_with_another_one_undelivered_the_case_keeps_its_earlier_look_at_that(book: Casebook) -> None:
    """The check in five days is not the next thing: nobody would be told that the second one does not arrive."""
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    told = book.ctx.now() + 4 * 3600 * 1_000_000
    await book.send("hotline-nl")
    assert (await book.case(case_id))["next_at"] == told
    book.later(hours=4)
    case = await book.step(case_id)
    assert (case["desk_code"], case["desk_text"]) == (
        DeskCode.UNDELIVERED, "hotline-ca has not taken it yet; the router keeps trying.",
    )  # fmt: skip
    (check,) = await book.rows(follow_ups)
    assert check["due_at"] == told - 4 * 3600 * 1_000_000 + FIVE_DAYS


async def test_delivered_after_all_it_leaves_the_desk_by_itself(book: Casebook) -> None:
    account = {"platform": "chat", "handle": "h", "role": "suspect", "country": "CA"}
    case_id = await book.decided(item={"account": account})
    book.later(hours=4)
    assert (await book.step(case_id))["desk_code"] == DeskCode.UNDELIVERED
    await book.send("hotline-nl")
    assert (await book.case(case_id))["desk_code"] == DeskCode.UNDELIVERED  # the other one has not got it yet
    await book.send("hotline-ca")
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    (check,) = await book.rows(follow_ups)
    assert case["next_at"] == check["due_at"]


async def test_taken_and_given_on_it_is_with_them_and_asked_about_beside_what_stood(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.ask(book.ctx, case_id, ANNA, "look at it")
    book.partner.script = [Accepted("NL-7", holder="FR")]
    await book.send()
    referral, case = await book.referral(case_id), await book.case(case_id)
    assert (referral["state"], referral["misrouted_at"]) == (ReferralState.ACCEPTED, book.ctx.now())
    assert {one.code for one in open_questions(case)} == {DeskCode.ASKED, DeskCode.BOUNCED}
    assert is_asked(case, DeskCode.BOUNCED)
    (check,) = await book.rows(follow_ups)
    assert case["next_at"] == check["due_at"]


async def test_deferred_it_waits_as_long_as_the_partner_asks_and_the_case_stays_where_it_is(book: Casebook) -> None:
    referral, case = await tried(book, BUSY)
    assert (referral["state"], referral["attempts"]) == (ReferralState.WAITING, 1)
    assert 60_000_000 <= referral["next_at"] - book.ctx.now() <= 90_000_000
    assert (referral["last_reason"], referral["may_have_arrived"]) == ("busy", 0)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)


FAILED = Deferred(Reason.PARTNER_FAILS, "HTTP 502", 30.0, may_have_arrived=True)


@pytest.mark.parametrize("act", ["recall", "close", "refer"])
async def test_a_partner_that_failed_while_it_worked_is_told_when_the_referral_is_taken_back(
    book: Casebook, act: str
) -> None:
    row, case = await tried(book, FAILED)
    assert (row["state"], row["may_have_arrived"]) == (ReferralState.WAITING, 1)
    assert row["next_at"] >= book.ctx.now() + 30_000_000  # its wish to wait is heard all the same
    if act == "recall":
        await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    elif act == "close":
        await case_acts.close(book.ctx, case["id"], ANNA, "over", outcome=Ending.REMOVED)
    else:
        await case_acts.refer(book.ctx, case["id"], ANNA, "theirs", partner="hotline-ca")
    (after,) = [one for one in await book.referrals(case["id"]) if one["id"] == row["id"]]
    assert after["state"] == ReferralState.WITHDRAWING


async def test_one_that_would_double_is_a_question_for_people(mail: Casebook) -> None:
    row, case = await tried(mail, FAILED)
    assert (row["state"], case["desk_code"]) == (ReferralState.UNKNOWN, DeskCode.UNKNOWN)


async def test_what_is_our_own_fault_costs_no_attempt(book: Casebook) -> None:
    referral, _ = await tried(book, Deferred(Reason.NOT_AUTHENTICATED, "our key", counted=False))
    assert (referral["state"], referral["attempts"]) == (ReferralState.WAITING, 0)


async def test_refused_people_get_it_in_the_partners_words(book: Casebook) -> None:
    referral, case = await tried(book, Refused(Reason.REFUSED, "Not ours."))
    assert (referral["state"], referral["next_at"]) == (ReferralState.REFUSED, None)
    assert (case["state"], case["desk_code"], case["desk_text"]) == (
        CaseState.DESK, DeskCode.REFUSED, "Hotline-Nl: Not ours.",
    )  # fmt: skip


async def test_after_the_last_attempt_people_send_it_another_way(book: Casebook) -> None:
    case_id = await book.decided()
    row = await book.referral(case_id)
    change = Change(referrals, {"id": row["id"]}, {"attempts": len(STEPS) - 1})
    await book.ctx.store.commit(Transition(1, (change,)))
    book.partner.script = [BUSY]
    await book.send()
    assert (await book.referral(case_id))["state"] == ReferralState.EXPIRED
    assert (await book.case(case_id))["desk_code"] == DeskCode.EXPIRED


ODD = [Reason.NO_RECEIPT, Reason.CONTRADICTS_ITSELF, Reason.NOT_UNDERSTOOD, Reason.NOT_AUTHENTIC]


@pytest.mark.parametrize("first", ODD)
@pytest.mark.parametrize("second", ODD)
async def test_of_a_second_odd_answer_people_hear_while_the_router_goes_on(
    book: Casebook, first: Reason, second: Reason
) -> None:
    case_id = await book.decided()
    book.partner.script = [Unknown(first, "no reference"), Unknown(second, "no reference")]
    await book.send()
    assert (await book.case(case_id))["desk_code"] is None
    book.later(hours=1)
    since = book.ctx.now()
    await book.send()
    case = await book.case(case_id)
    assert case["desk_code"] == DeskCode.UNDELIVERED
    assert case["desk_text"].startswith("Hotline-Nl answered twice, and in no way that counts as a yes")
    assert (await book.referral(case_id))["state"] == ReferralState.WAITING
    for _ in range(2):  # told once: no further try moves since when it waits
        book.later(hours=2)
        book.partner.script = [Unknown(second, "no reference")]
        await book.send()
        assert (await book.case(case_id))["desk_since"] == since
    book.later(hours=6)
    book.partner.script = [Accepted("NL-7")]
    await book.send()
    assert (await book.case(case_id))["desk_code"] is None


async def test_an_odd_answer_after_a_plain_failure_is_a_first_one(book: Casebook) -> None:
    case_id = await book.decided()
    for outcome in (NO_ANSWER, Unknown(Reason.NO_RECEIPT, "no reference"), BUSY, Unknown(Reason.NO_RECEIPT, "again")):
        book.partner.script = [outcome]
        await book.send()
        book.later(hours=2)
    assert (await book.case(case_id))["desk_code"] is None


async def test_what_a_partner_without_receipts_takes_is_accepted_and_none_is_kept(book: Casebook) -> None:
    referral, case = await tried(book, Accepted(None))
    assert (referral["state"], referral["receipt"], case["desk_code"]) == (ReferralState.ACCEPTED, NONE_GIVEN, None)
    (view,) = await views_of(book.ctx, [referral])
    assert (view.receipt, view.attempts[0].receipt) == (None, None)


async def test_unknown_to_a_partner_that_knows_the_key_it_is_sent_again(book: Casebook) -> None:
    referral, case = await tried(book, NO_ANSWER)
    assert (referral["state"], referral["may_have_arrived"], case["desk_code"]) == (ReferralState.WAITING, 1, None)


@pytest.fixture
async def mail(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path, Mail()) as opened:
        yield opened


async def test_unknown_where_it_would_double_people_decide(mail: Casebook) -> None:
    referral, case = await tried(mail, NO_ANSWER)
    assert (referral["state"], referral["next_at"], referral["may_have_arrived"]) == (ReferralState.UNKNOWN, None, 1)
    assert case["desk_code"] == DeskCode.UNKNOWN


async def test_every_attempt_is_kept_and_in_the_audit(book: Casebook) -> None:
    referral, _ = await tried(book, BUSY)
    (kept,) = await book.rows(attempts)
    assert (kept["referral_id"], kept["outcome"], kept["reason"], kept["text"]) == (
        referral["id"], "deferred", "busy", "come later",
    )  # fmt: skip
    (event,) = await book.rows(audit, audit.c.act == "referral.attempted")
    assert json.loads(event["detail"]) == {
        "partner": "hotline-nl", "outcome": "deferred", "state": "waiting", "reason": "busy",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Accepted("NL-7"), ReferralState.WITHDRAWING),
        (NO_ANSWER, ReferralState.WITHDRAWING),
        (BUSY, ReferralState.RECALLED),
        (Refused(Reason.REFUSED, "Not ours."), ReferralState.RECALLED),
    ],
)
async def test_recalled_meanwhile_the_outcome_settles_the_recall(
    book: Casebook, outcome: Outcome, state: ReferralState
) -> None:
    case_id = await book.decided()
    row = await book.referral(case_id)
    book.partner.script = [outcome]
    book.partner.meanwhile = lambda: referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    await book.send()
    settled = await book.referral(case_id)
    assert settled["state"] == state
    assert (settled["next_at"] is not None) is (state is ReferralState.WITHDRAWING)
    assert (await book.case(case_id))["desk_code"] == DeskCode.OVERRULED
    assert await book.rows(follow_ups) == []  # nobody has it, so there is nothing to check


async def test_a_no_to_a_second_try_does_not_say_that_the_first_never_arrived(book: Casebook) -> None:
    case_id = await book.decided()
    row = await book.referral(case_id)
    book.partner.script = [NO_ANSWER, Refused(Reason.REFUSED, "Not ours.")]
    await book.send()
    book.partner.meanwhile = lambda: referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    await book.send()
    assert (await book.referral(case_id))["state"] == ReferralState.WITHDRAWING


async def test_what_another_worker_has_by_now_is_left_to_it(book: Casebook) -> None:
    case_id = await book.decided()
    (row,) = await book.claim()
    taken = Change(referrals, {"id": row["id"]}, {"claimed_by": "another"}, row["version"], keep_claim=True)
    await book.ctx.store.commit(Transition(1, (taken,)))
    found = book.rules.directory_.named("hotline-nl")
    assert found is not None
    late = settle.Attempted(row, found, EffectClass.IDEMPOTENT, Accepted("NL-7"), 1, 2)
    await settle.settle_all(book.ctx, [late])
    assert (await book.referral(case_id))["state"] == ReferralState.SENDING
    assert await book.rows(attempts) == []


ENDS = [Refused(Reason.REFUSED, "Not ours."), NO_ANSWER, Deferred(Reason.BUSY, "come later")]


@pytest.mark.parametrize("outcome", ENDS, ids=["refused", "unknown", "expired"])
@pytest.mark.parametrize("steps", [0, 1], ids=["received", "located"])
async def test_a_child_at_risk_is_judged_whatever_a_partner_says_meanwhile(
    mail: Casebook, outcome: Outcome, steps: int
) -> None:
    case_id = await mail.decided()
    row = await mail.referral(case_id)
    last = Change(referrals, {"id": row["id"]}, {"attempts": len(STEPS) - 1})
    await mail.ctx.store.commit(Transition(1, (last,)))

    async def a_graver_report_joins() -> None:
        await mail.take(reference="r-2", actor=FORM, urgency="imminent_risk")
        await mail.step(case_id, steps)

    mail.partner.script, mail.partner.meanwhile = [outcome], a_graver_report_joins
    await mail.send()
    case = await mail.case(case_id)
    assert (case["state"], case["desk_code"]) == ("located" if steps else "received", None)
    assert case["next_at"] <= mail.ctx.now()
    case = await mail.step(case_id, 2 - steps)
    assert (case["desk_code"], case["desk_due"]) == (DeskCode.CHILD_AT_RISK, mail.ctx.now() + 15 * 60 * 1_000_000)
    assert "federal-police" in {row["partner"] for row in await mail.referrals(case_id)}


async def test_a_decision_that_is_being_made_when_the_outcome_comes_is_made_again(book: Casebook) -> None:
    """It would go by a referral that was still under way, and nobody would be asked."""
    case_id = await book.decided()
    await book.claim()
    await book.take(reference="r-2", urgency="imminent_risk")
    located = await book.step(case_id)
    deciding = await decide.run(book.ctx, located)
    found, (row,) = book.rules.directory_.named("hotline-nl"), await book.referrals(case_id)
    assert found is not None
    no = settle.Attempted(row, found, EffectClass.IDEMPOTENT, Refused(Reason.REFUSED, "Not ours."), 1, 2)
    await settle.settle_all(book.ctx, [no])
    with pytest.raises(Conflict):
        await book.ctx.store.commit(deciding)


@pytest.mark.parametrize("code", QUESTIONS)
async def test_a_refusal_that_is_tried_again_answers_no_question_of_people(book: Casebook, code: DeskCode) -> None:
    case_id = await book.decided()
    place = {"state": "desk", "desk_code": code, "desk_text": "first", "desk_since": 1, "desk_due": 2}
    await book.ctx.store.commit(Transition(1, (Change(cases, {"id": case_id}, place),)))
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send()
    await referral_acts.retry(book.ctx, (await book.referral(case_id))["id"], ANNA, "they take it now")
    await book.send()
    assert (await book.referral(case_id))["state"] == ReferralState.ACCEPTED
    assert place.items() <= (await book.case(case_id)).items()


async def test_a_refusal_that_comes_while_people_have_it_is_told_beside_that(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.ask(book.ctx, case_id, ANNA, "look at this")
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send()
    case = await book.case(case_id)
    assert {one.code: one.text for one in open_questions(case)}[DeskCode.REFUSED] == "Hotline-Nl: Not ours."
    assert is_asked(case, DeskCode.ASKED)
    await case_acts.done(book.ctx, case_id, ANNA, "looked")
    case = await book.case(case_id)
    assert [one.code for one in open_questions(case)] == [DeskCode.REFUSED]


async def test_a_case_that_is_at_risk_stays_so_whatever_a_partner_says(book: Casebook) -> None:
    case_id = await book.decided(urgency="imminent_risk")
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    await book.send("federal-police")
    assert (await book.case(case_id))["desk_code"] == DeskCode.CHILD_AT_RISK


def test_the_first_try_is_never_later_than_now() -> None:
    assert STEPS[0] == 0


async def test_a_connection_that_could_not_be_made_is_an_attempt_without_a_trace_at_the_partner(
    book: Casebook,
) -> None:
    referral, _ = await tried(book, NotSent(reason="certificate"))
    assert (referral["state"], referral["may_have_arrived"], referral["last_reason"]) == ("waiting", 0, "insecure")
