"""What staff handed over by another way is written down once, sent by nobody, and followed."""

import json
from datetime import timedelta
from typing import Any

import pytest

from router.casework.case.acts import NEXT_STEPS
from router.casework.case.quarantine import set_referral_aside
from router.casework.desk import referral_acts
from router.casework.desk.handed_over import handed_over
from router.casework.desk.unit_acts import answer
from router.casework.follow_up.partner_status import ask_partners
from router.casework.referral.row import OUTSIDE
from router.errors import BadInput, Conflict, NotFound
from router.partners.base import Accepted, Deferred, Progress, Reason, Refused, Unknown
from router.store.base import Change, Transition
from router.store.schema.tables import audit, decisions, follow_ups, referrals
from schemas.acts import Answer, HandedOver
from schemas.casefile import DeskCode
from schemas.decision import Decision
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import UnitAnswer
from tests.casebook import ANALYSTS, ANNA, FORM, Casebook
from tests.office import START


def said(partner: str = "hotline-nl", reference: str = "NL-2026/7", **more: Any) -> HandedOver:
    return HandedOver(reason="by their web page", partner=partner, reference=reference, **more)


async def stands(book: Casebook, case_id: str) -> list[tuple[str, str, str]]:
    return [(row["partner"], row["state"], row["receipt"]) for row in await book.referrals(case_id)]


async def test_what_waits_never_leaves_and_is_followed_as_accepted(book: Casebook) -> None:
    case_id = await book.decided()
    view = await handed_over(book.ctx, case_id, ANNA, said())
    assert await stands(book, case_id) == [("hotline-nl", "accepted", "NL-2026/7")]
    assert view.receipt == "NL-2026/7"
    await book.send()
    assert book.partner.calls == []
    (check,) = await book.rows(follow_ups)
    assert check["due_at"] == book.ctx.now() + 5 * 86_400_000_000
    case = await book.case(case_id)
    assert (case["state"], case["desk_code"]) == (CaseState.REFERRED, None)
    assert [row["act"] for row in await book.rows(audit)][-1] == "referral.handed_over"


async def test_what_nobody_had_referred_is_a_referral_of_its_own(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    at = START - timedelta(hours=3)
    await handed_over(book.ctx, case_id, ANNA, said("federal-police", "PV 12", at=at))
    (row,) = await book.referrals(case_id)
    assert (row["partner"], row["state"], row["receipt"]) == ("federal-police", "accepted", "PV 12")
    assert row["accepted_at"] == at.timestamp() * 1_000_000
    assert (await book.case(case_id))["state"] == CaseState.REFERRED


async def test_the_decision_of_who_handed_it_over_is_the_one_in_force_and_keeps_what_is_proposed(
    book: Casebook,
) -> None:
    case_id = await book.decided(actor=FORM)
    before = await book.case(case_id)
    await handed_over(book.ctx, case_id, ANNA, said("federal-police", "PV 12"))
    case, (row,) = await book.case(case_id), await book.referrals(case_id)
    assert case["decision_id"] == row["decision_id"] != before["decision_id"]
    (found,) = await book.rows(decisions, decisions.c.id == case["decision_id"])
    decision = Decision.model_validate_json(found["decision"])
    assert (decision.by, [one.partner for one in decision.recipients]) == (ANNA.id, ["hotline-nl", "federal-police"])


@pytest.mark.parametrize("outcome", [Unknown(Reason.NO_ANSWER, "no"), Deferred(Reason.UNREACHABLE, "no")])
async def test_it_is_the_answer_to_what_may_have_arrived(book: Casebook, outcome: Any) -> None:
    case_id = await book.decided()
    book.partner.script = [outcome]
    await book.send()
    await handed_over(book.ctx, case_id, ANNA, said())
    assert await stands(book, case_id) == [("hotline-nl", "accepted", "NL-2026/7")]
    book.later(days=1)
    await book.send()
    assert len(book.partner.calls) == 1


async def test_it_is_the_answer_to_what_no_sender_finished(book: Casebook) -> None:
    case_id = await book.decided()
    (claimed,) = await book.claim()
    await set_referral_aside(book.ctx, claimed | {"payload": b"frozen", "claims": 5})
    assert "handed-over" in NEXT_STEPS[DeskCode((await book.case(case_id))["desk_code"])]
    await handed_over(book.ctx, case_id, ANNA, said())
    assert await stands(book, case_id) == [("hotline-nl", "accepted", "NL-2026/7")]
    assert (await book.case(case_id))["desk_code"] is None
    await book.send()
    assert book.partner.calls == []


async def test_what_is_held_or_refused_is_answered_too(book: Casebook) -> None:
    held, refused = [await book.decided(f"https://example.test/{n}", f"r-{n}") for n in range(2)]
    book.partner.script = [Refused(Reason.REFUSED, "no")]
    await referral_acts.hold(book.ctx, (await book.referral(held))["id"], ANNA, "wait")
    await book.send()
    for case_id in (held, refused):
        await handed_over(book.ctx, case_id, ANNA, said())
    assert await stands(book, held) == [("hotline-nl", "accepted", "NL-2026/7")]
    assert (await stands(book, refused))[-1] == ("hotline-nl", "accepted", "NL-2026/7")
    assert (await book.case(refused))["desk_code"] is None


async def test_while_one_is_being_sent_nobody_knows_yet(book: Casebook) -> None:
    case_id = await book.decided()
    refused: list[Conflict] = []

    async def meanwhile() -> None:
        with pytest.raises(Conflict, match="being sent") as error:
            await handed_over(book.ctx, case_id, ANNA, said())
        refused.append(error.value)

    book.partner.meanwhile = meanwhile
    await book.send()
    assert [one.reason for one in refused] == ["not_now"]
    (stood,) = await stands(book, case_id)
    assert stood[1] == "accepted"
    assert stood[2].startswith("receipt-")


async def test_a_claim_that_comes_first_wins_and_one_that_comes_later_finds_nothing(book: Casebook) -> None:
    case_id = await book.decided()
    (claimed,) = await book.claim()
    with pytest.raises(Conflict, match="being sent"):
        await handed_over(book.ctx, case_id, ANNA, said())
    back = {"state": ReferralState.WAITING, "claimed_by": None, "claimed_until": None}
    change = Change(referrals, {"id": claimed["id"]}, back, claimed["version"])
    await book.ctx.store.commit(Transition(book.ctx.now(), (change,)))
    await handed_over(book.ctx, case_id, ANNA, said())
    assert await book.claim() == []


async def test_twice_is_refused_and_so_is_what_cannot_be(book: Casebook) -> None:
    case_id = await book.decided()
    await handed_over(book.ctx, case_id, ANNA, said())
    with pytest.raises(Conflict, match="has it already"):
        await handed_over(book.ctx, case_id, ANNA, said(reference="NL-8"))
    with pytest.raises(BadInput) as unknown:
        await handed_over(book.ctx, case_id, ANNA, said("nobody"))
    with pytest.raises(BadInput) as ahead:
        await handed_over(book.ctx, case_id, ANNA, said("hotline-ca", at=START + timedelta(days=1)))
    assert [unknown.value.field, ahead.value.field] == ["partner", "at"]
    with pytest.raises(NotFound):
        await handed_over(book.ctx, "0" * 36, ANNA, said())
    assert len(await book.referrals(case_id)) == 1


async def test_no_dialect_is_asked_of_it_and_a_recall_is_told_by_hand(book: Casebook) -> None:
    case_id = await book.decided()
    await handed_over(book.ctx, case_id, ANNA, said())
    row = await book.referral(case_id)
    assert row["dialect"] == OUTSIDE
    answers = await ask_partners(book.ctx, [row])
    assert [one.askable for one in answers.said] == [False]
    assert book.partner.asked == []
    await referral_acts.recall(book.ctx, row["id"], ANNA, "wrong page")
    from router.casework.deliver.send import withdraw

    partner = book.rules.directory_.named("hotline-nl")
    await withdraw(book.ctx, partner, await book.referrals(case_id))
    assert book.partner.dropped == []
    assert (await book.case(case_id))["desk_code"] == DeskCode.WITHDRAW


@pytest.mark.parametrize("waits", [True, False])
async def test_what_the_partner_s_system_knows_is_followed_by_its_dialect(book: Casebook, waits: bool) -> None:
    case_id = await book.decided(actor=ANALYSTS if waits else FORM)
    book.partner.found = Accepted("NL-2026/7", Progress("there", b"7"))
    await handed_over(book.ctx, case_id, ANNA, said())
    row = await book.referral(case_id)
    assert (row["state"], row["dialect"], row["progress_step"]) == ("accepted", "scripted", "there")
    assert b"7" not in bytes(row["progress"])[-1:]
    await ask_partners(book.ctx, [row])
    assert book.partner.asked == [row["id"]]


async def test_a_reference_that_its_system_does_not_have_is_refused(book: Casebook) -> None:
    case_id = await book.decided()
    book.partner.found = Refused(Reason.REFUSED, "No such number.")
    with pytest.raises(BadInput) as wrong:
        await handed_over(book.ctx, case_id, ANNA, said())
    assert (wrong.value.field, wrong.value.reason) == ("reference", "not_there")
    assert (await book.referral(case_id))["state"] == "waiting"


async def test_a_system_that_does_not_answer_is_no_reason_to_refuse_what_people_say(book: Casebook) -> None:
    case_id = await book.decided()
    book.partner.found = Deferred(Reason.UNREACHABLE, "no")
    await handed_over(book.ctx, case_id, ANNA, said())
    assert (await book.referral(case_id))["dialect"] == OUTSIDE


async def test_it_reads_a_body(book: Casebook) -> None:
    body = {"reason": "x", "partner": "hotline-nl", "reference": "7", "at": "2026-11-22T08:00:00+01:00"}
    assert HandedOver.model_validate_json(json.dumps(body)).reference == "7"
    assert book


async def test_a_unit_that_was_told_by_telephone_has_its_word_typed_as_any_other(book: Casebook) -> None:
    case_id = await book.decided(actor=FORM)
    view = await handed_over(book.ctx, case_id, ANNA, said("federal-police", "PV 12"))
    assert "answer" in view.acts
    until = book.clock.now() + timedelta(days=3)
    told = await answer(book.ctx, view.id, ANNA, Answer(answer=UnitAnswer.HOLD_UNTIL, until=until))
    assert [(one.answer, one.until) for one in told.answers] == [(UnitAnswer.HOLD_UNTIL, until)]
