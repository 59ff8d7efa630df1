"""The reason typed with an act: one line of some length, sealed with the case."""

import json

import pytest

from router.casework.case import typed_reason
from router.casework.case.sealed import TYPED, key_of
from router.errors import BadInput
from tests.casebook import ANNA, Casebook


@pytest.mark.parametrize("reason", ["", "   ", "a" * 301, "a bell \x07"])
def test_a_reason_is_text_of_some_length(reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        typed_reason.check_reason(reason)
    assert refused.value.field == "reason"
    assert not reason.strip() or reason not in refused.value.message


def test_a_reason_is_kept_as_one_line() -> None:
    assert typed_reason.check_reason("typed on\r\n two lines\n") == "typed on two lines"
    assert typed_reason.check_reason("  de politie vroeg het  ") == "de politie vroeg het"


async def test_what_was_typed_is_sealed_with_the_case_and_the_rest_is_codes(book: Casebook) -> None:
    case_id = await book.take()
    event = await typed_reason.acted(book.ctx, "case.held", ANNA, "ask Jeanne", case_id, "r-1", to="police", until=None)
    assert (event.act, event.actor, event.case_id, event.referral_id) == ("case.held", ANNA.id, case_id, "r-1")
    assert set(event.detail) == {"to", "typed"}
    assert "Jeanne" not in json.dumps(dict(event.detail))
    key = await key_of(book.ctx, case_id)
    assert key.open(f"{TYPED}:{event.detail['typed']}", event.sealed or b"") == b"ask Jeanne"


async def test_an_act_without_a_reason_is_no_act(book: Casebook) -> None:
    with pytest.raises(BadInput):
        await typed_reason.acted(book.ctx, "case.held", ANNA, " ", await book.take())
