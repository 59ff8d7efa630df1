from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.partners.answers import MENDING, classify, retry_after
from router.partners.base import RETRY_AFTER_CAP, Deferred, Reason, Refused, Unknown
from tests.partners.conformance import STATUS_TABLE, shape

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


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("86400", 86_400),
        ("999999999999999999", RETRY_AFTER_CAP),
        ("Sun, 22 Nov 2026 12:10:00 GMT", 600),
        ("Sun, 22 Nov 2026 12:10:00 -0000", 600),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 22 Nov 2099 11:00:00 GMT", RETRY_AFTER_CAP),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": said}, NOW) == seconds


def test_silence_asks_for_nothing() -> None:
    assert retry_after({}, NOW) is None


@given(st.text(max_size=60) | st.datetimes(timezones=st.just(UTC)).map(format_datetime))
def test_whatever_is_said_the_wait_has_bounds(said: str) -> None:
    found = retry_after({"Retry-After": said}, NOW)
    assert found is None or 0 <= found <= RETRY_AFTER_CAP


def test_busy_and_failing_are_told_apart_in_figures() -> None:
    assert {shape(classify(status, {}, NOW) or Refused(Reason.REFUSED, ""))[1] for status in (503, 500)} == {
        Reason.BUSY,
        Reason.PARTNER_FAILS,
    }
