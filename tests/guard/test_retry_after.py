"""What an answer says of when to come again is heard when it makes sense, and never hurts when it makes none."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.guard.retry_after import LONGEST_WAIT, retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

#: Numbers as a faulty or hostile server writes them: small, absurd, signed, in other digits, and none.
NUMBERS = st.integers(0, 99).map("{:02}".format) | st.sampled_from(
    ["", "0", "-1", "00", "24", "60", "0001", "2026", "9999", "10000", "9" * 20, "9" * 5000, "٣", "²", "1.5"]
)
MONTHS = st.sampled_from(["Jan", "Nov", "", "Foo", "November", "11"])
ZONES = st.sampled_from(["GMT", "UTC", "", "-0000", "+0100", "+9999", "-2359", "+" + "9" * 20, "EST", "XYZ", "GMT GMT"])
TIMES = st.tuples(NUMBERS, NUMBERS, NUMBERS).map(":".join) | NUMBERS
#: All three forms of RFC 9110 section 5.6.7, each part of which may be anything.
DATES = (
    st.builds("Sun, {} {} {} {} {}".format, NUMBERS, MONTHS, NUMBERS, TIMES, ZONES)
    | st.builds("Sunday, {}-{}-{} {} {}".format, NUMBERS, MONTHS, NUMBERS, TIMES, ZONES)
    | st.builds("Sun {} {} {} {}".format, MONTHS, NUMBERS, TIMES, NUMBERS)
)
SAID = st.text(max_size=60) | NUMBERS | DATES | st.text("0123456789:,-+. GMTNovSun", max_size=60)


def waits(said: str) -> float | None:
    return retry_after({"Retry-After": said}, NOW)


@given(SAID)
def test_whatever_is_said_it_is_a_wait_of_a_day_at_most_or_nothing(said: str) -> None:
    found = waits(said)
    assert found is None or 0 <= found <= LONGEST_WAIT


@given(st.integers(0, 10**30))
def test_seconds_are_taken_as_they_are(seconds: int) -> None:
    assert waits(f" {seconds} ") == min(seconds, LONGEST_WAIT)


@given(st.integers(-(10**6), 10**6), st.integers(-23 * 60, 23 * 60))
def test_a_date_means_the_seconds_until_then_whatever_its_form_and_zone(seconds: int, minutes: int) -> None:
    then = NOW + timedelta(seconds=seconds)
    elsewhere = then.astimezone(timezone(timedelta(minutes=minutes)))
    forms = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")
    written = [format_datetime(then, usegmt=True), format_datetime(elsewhere), *(then.strftime(one) for one in forms)]
    assert {waits(one) for one in written} == {min(max(seconds, 0), LONGEST_WAIT)}


@pytest.mark.parametrize("said", ["", "soon", "-5", "1.5", "٣", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_what_makes_no_sense_asks_for_nothing(said: str) -> None:
    assert waits(said) is None


def test_silence_asks_for_nothing() -> None:
    assert retry_after({}, NOW) is None
