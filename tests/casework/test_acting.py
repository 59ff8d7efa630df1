"""What every act of staff shares: a reason, the version they saw, and a sentence when it cannot be."""

import json

import pytest

from router.casework import acting
from router.casework.vault import TYPED, key_of
from router.errors import BadInput, Conflict, NotFound
from router.store.base import Change, Transition
from router.store.tables import referrals
from schemas.states import CaseState, ReferralState
from tests.casebook import ANNA, Casebook


@pytest.mark.parametrize("reason", ["", "   ", "a" * 301, "a bell \x07"])
def test_a_reason_is_text_of_some_length(reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        acting.check_reason(reason)
    assert refused.value.field == "reason"
    assert not reason.strip() or reason not in refused.value.message


def test_a_reason_is_kept_as_one_line() -> None:
    assert acting.check_reason("typed on\r\n two lines\n") == "typed on two lines"
    assert acting.check_reason("  de politie vroeg het  ") == "de politie vroeg het"


async def test_what_was_typed_is_sealed_with_the_case_and_the_rest_is_codes(book: Casebook) -> None:
    case_id = await book.take()
    event = await acting.acted(book.ctx, "case.held", ANNA, "ask Jeanne", case_id, "r-1", to="police", until=None)
    assert (event.act, event.actor, event.case_id, event.referral_id) == ("case.held", ANNA.id, case_id, "r-1")
    assert set(event.detail) == {"to", "typed"}
    assert "Jeanne" not in json.dumps(dict(event.detail))
    key = await key_of(book.ctx, case_id)
    assert key.open(f"{TYPED}:{event.detail['typed']}", event.sealed or b"") == b"ask Jeanne"


async def test_an_act_without_a_reason_is_no_act(book: Casebook) -> None:
    with pytest.raises(BadInput):
        await acting.acted(book.ctx, "case.held", ANNA, " ", await book.take())


def test_who_names_no_version_takes_the_row_as_it_is() -> None:
    acting.check_version({"version": 3}, None)
    acting.check_version({"version": 3}, 3)
    with pytest.raises(Conflict):
        acting.check_version({"version": 3}, 2)


async def test_a_referral_is_given_with_the_state_that_follows(book: Casebook) -> None:
    row = await book.referral(await book.decided())
    found, after = await acting.referral_for(book.ctx, row["id"], row["version"], "hold")
    assert (found["id"], after) == (row["id"], ReferralState.HELD)


@pytest.mark.parametrize("state", list(ReferralState))
async def test_what_cannot_be_says_where_the_referral_stands(book: Casebook, state: ReferralState) -> None:
    row = await book.referral(await book.decided())
    dated = (
        {"next_at": 1}
        if state in {"waiting", "held", "sending", "recall_pending", "withdrawing"}
        else {"next_at": None}
    )
    values = {"state": state, "receipt": "r", **dated}
    await book.ctx.store.commit(Transition(1, (Change(referrals, {"id": row["id"]}, values),)))
    with pytest.raises(Conflict) as refused:
        await acting.referral_for(book.ctx, row["id"], None, "no such event")
    assert refused.value.reason == "not_now"
    assert refused.value.message.startswith("This cannot be done now: the referral ")


async def test_a_case_is_given_with_the_state_that_follows(book: Casebook) -> None:
    case_id = await book.decided()
    row, after = await acting.case_for(book.ctx, case_id, None, "ask_staff")
    assert (row["id"], after) == (case_id, CaseState.DESK)
    with pytest.raises(Conflict):
        await acting.case_for(book.ctx, case_id, row["version"] - 1, "ask_staff")
    with pytest.raises(Conflict) as refused:
        await acting.case_for(book.ctx, case_id, None, "trace")
    assert refused.value.reason == "not_now"


async def test_what_is_not_there_is_not_found(book: Casebook) -> None:
    with pytest.raises(NotFound):
        await acting.referral_row(book.ctx, "no such referral")
    with pytest.raises(NotFound):
        await acting.case_for(book.ctx, "no such case", None, "close")
