"""A partner that said no, or from which people took it back, gets nothing again by itself; people are asked instead."""

from typing import Any

import pytest

from router.casework.decide.refused_before import TAKEN_BACK, declined
from router.casework.desk import case_acts, referral_acts
from router.errors import Conflict
from router.partners.base import Reason, Refused
from router.store.base import Row
from schemas.casefile import DeskCode
from schemas.states import CaseState, ReferralState
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, Casebook

NL, CA = "hotline-nl", "hotline-ca"


def row(partner: str, state: str, **more: Any) -> Row:
    return {"partner": partner, "state": state, "last_text": None, "superseded_by": None, **more}


def test_a_no_is_asked_about_in_the_partners_words() -> None:
    (call,) = declined([row(NL, "refused", last_text="Not ours.")], {NL, CA}).values()
    assert (call.code, call.text) == (DeskCode.REFUSED, "hotline-nl: Not ours.")


@pytest.mark.parametrize("state", ["recalled", "withdrawing"])
def test_what_people_took_back_is_theirs_to_send_again(state: str) -> None:
    assert declined([row(NL, state)], {NL}) == {NL: TAKEN_BACK}
    assert declined([row(NL, state, superseded_by="another")], {NL}) == {}


@pytest.mark.parametrize("state", sorted(set(ReferralState) - {"refused", "recalled", "withdrawing"}))
def test_nothing_else_stands_against_a_partner(state: ReferralState) -> None:
    assert declined([row(NL, state)], {NL}) == {}


def test_the_last_word_counts_and_only_of_who_is_chosen() -> None:
    assert declined([row(NL, "refused"), row(NL, "accepted")], {NL}) == {}
    assert declined([row(NL, "accepted"), row(NL, "refused")], {NL}).keys() == {NL}
    assert declined([row(NL, "refused")], {CA}) == {}


async def test_decided_again_one_that_refused_is_not_sent_it_again_silently(book: Casebook) -> None:
    case_id = await book.decided()
    book.partner.script = [Refused(Reason.REFUSED, "Not ours.")]
    book.partner.meanwhile = lambda: case_acts.retrace(book.ctx, case_id, ANNA, "look again")
    await book.send()
    case = await book.step(case_id, 2)
    assert (case["state"], case["desk_code"], case["desk_text"]) == (
        CaseState.DESK, DeskCode.REFUSED, "hotline-nl: Not ours.",
    )  # fmt: skip
    assert len(await book.referrals(case_id)) == 1
    with pytest.raises(Conflict) as none:  # the policy sent it by itself, so there is nothing to confirm in one key
        await case_acts.send(book.ctx, case_id, ANNA, "they will take it now")
    assert none.value.reason == "no_proposal"
    again = await case_acts.refer(book.ctx, case_id, ANNA, "they will take it now", partner=NL)
    assert again.partner == NL


async def test_what_a_person_took_back_while_it_was_judged_anew_stays_with_people(book: Casebook) -> None:
    case_id = await book.decided()
    await case_acts.retrace(book.ctx, case_id, ANNA, "look again")
    await referral_acts.recall(book.ctx, (await book.referral(case_id))["id"], ANNA, "wrong page")
    assert (await book.case(case_id))["state"] == CaseState.RECEIVED
    case = await book.step(case_id, 2)
    assert (case["state"], case["desk_code"]) == (CaseState.DESK, DeskCode.OVERRULED)
    assert len(await book.referrals(case_id)) == 1
    await case_acts.close(book.ctx, case_id, ANNA, "a wrong page", outcome=Outcome.NOT_ILLEGAL)
