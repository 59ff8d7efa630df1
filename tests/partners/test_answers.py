from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.guard.retry_after import LONGEST_WAIT
from router.partners.answers import MENDING, classify, read_answer
from router.partners.base import Deferred, Reason, Refused, Unknown
from schemas.exchange import InboxAnswers
from tests.guard.test_retry_after import SAID
from tests.partners.conformance_http import STATUS_TABLE, shape

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_two_hundreds_are_read_by_the_dialect() -> None:
    assert {classify(status, {}, NOW) for status in range(200, 300)} == {None}


def test_every_other_status_means_what_the_table_says() -> None:
    found = {status: classify(status, {}, NOW) for status in STATUS_TABLE}
    assert {status: shape(outcome) for status, outcome in found.items() if outcome is not None} == STATUS_TABLE


def test_the_sentence_names_the_status_and_what_to_do() -> None:
    for status in STATUS_TABLE:
        outcome = classify(status, {}, NOW)
        assert isinstance(outcome, Deferred | Refused | Unknown)
        assert f"HTTP {status}" in outcome.text
        assert outcome.text.endswith(".")


@pytest.mark.parametrize("status", [401, 403, 410])
def test_a_fault_of_ours_waits_for_somebody_to_mend_it(status: int) -> None:
    outcome = classify(status, {"Retry-After": "1"}, NOW)
    assert isinstance(outcome, Deferred)
    assert (outcome.retry_after, outcome.counted) == (MENDING, False)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_wish_to_wait_is_heard(status: int) -> None:
    outcome = classify(status, {"Retry-After": "30"}, NOW)
    assert isinstance(outcome, Deferred)
    assert outcome.retry_after == 30


@given(SAID)
def test_a_wish_that_makes_no_sense_leaves_it_deferred(said: str) -> None:
    outcome = classify(429, {"Retry-After": said}, NOW)
    assert isinstance(outcome, Deferred)
    assert outcome.retry_after is None or 0 <= outcome.retry_after <= LONGEST_WAIT


def test_busy_and_failing_are_told_apart_in_figures() -> None:
    assert {shape(classify(status, {}, NOW) or Refused(Reason.REFUSED, ""))[1] for status in (503, 500)} == {
        Reason.BUSY,
        Reason.PARTNER_FAILS,
    }


ANSWER = b'{"answers": [{"referral_id": "a", "result": "accepted", "receipt": "r"}]}'


@pytest.mark.parametrize(
    "body",
    [
        ANSWER.replace(b'"result"', b'"result": "refused", "result"'),
        ANSWER.replace(b'"answers"', b'"answers": [], "answers"'),
        ANSWER.replace(b'"r"}', b'"r", "\\u0072eceipt": "s"}'),
        b"[" * 100_000,
        b"{",
        b"",
        b"\xff",
    ],
)
def test_an_answer_in_which_a_name_stands_twice_is_none(body: bytes) -> None:
    assert read_answer(InboxAnswers, ANSWER).answers[0].receipt == "r"
    with pytest.raises(ValueError):
        read_answer(InboxAnswers, body)


@given(st.integers(100, 599), SAID)
def test_only_a_clear_no_says_that_nothing_arrived(status: int, said: str) -> None:
    """Whatever left and was not clearly refused may have arrived: a partner can act and fail afterwards."""
    outcome = classify(status, {"Retry-After": said}, NOW)
    clearly_not_taken = status // 100 in (3, 4) and status != 408
    if isinstance(outcome, Deferred):
        assert outcome.may_have_arrived is not clearly_not_taken
    if status == 408 or status // 100 == 5:
        assert isinstance(outcome, Deferred)
        assert outcome.may_have_arrived
