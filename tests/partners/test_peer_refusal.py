"""A peer that turns a request away says why, and our side shows that with its remedy; no text of the peer goes on."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.partners.base import Reason
from router.partners.peer_refusal import refused_request, said_reason, seconds_ahead

NOW = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
#: Each reason of docs/protocol.md that is a fault of clocks, keys, names or addresses: what it is to us, what to mend.
WORDS = {
    "clock": (Reason.CLOCK, "time server"),
    "expired": (Reason.CLOCK, "time server"),
    "bad_signature": (Reason.BAD_SIGNATURE, "public_url"),
    "digest_mismatch": (Reason.BAD_SIGNATURE, "public_url"),
    "wrong_recipient": (Reason.WRONG_RECIPIENT, "names"),
    "wrong_sender": (Reason.WRONG_RECIPIENT, "names"),
    "unknown_key": (Reason.UNKNOWN_KEY, "identity"),
    "key_not_current": (Reason.UNKNOWN_KEY, "identity"),
    "not_allowed": (Reason.NOT_AUTHENTICATED, "enable us"),
}


def problem(reason: object) -> bytes:
    return json.dumps(
        {"type": "about:blank", "status": 401, "detail": "see https://secret.test", "reason": reason}
    ).encode()


@pytest.mark.parametrize(("said", "meant"), WORDS.items())
def test_each_word_of_a_peer_is_a_reason_with_its_remedy(said: str, meant: tuple[Reason, str]) -> None:
    status = 403 if said == "not_allowed" else 422 if said == "wrong_sender" else 401
    found = refused_request(status, {}, problem(said), NOW)
    assert found is not None
    assert (found.reason, found.counted, found.may_have_arrived) == (meant[0], False, False)
    assert meant[1] in found.text


@pytest.mark.parametrize(
    "body", [b"", b"clock", b"[]", b'{"reason":null}', b'{"reason":"busy"}', b"\xff", b"[" * 9999, problem(["clock"])]
)
def test_what_gives_no_known_reason_is_read_by_its_status_alone(body: bytes) -> None:
    assert said_reason(body) in ("", "busy")
    assert refused_request(401, {}, body, NOW) is None


@pytest.mark.parametrize("status", [200, 301, 404, 409, 429, 500, 503])
def test_only_a_refusal_of_the_whole_request_is_one(status: int) -> None:
    assert refused_request(status, {}, problem("clock"), NOW) is None


@pytest.mark.parametrize("said", ["clock", "bad_signature", "not_allowed", "missing"])
def test_a_body_that_cannot_be_used_is_no_fault_of_the_clocks(said: str) -> None:
    assert refused_request(422, {}, problem(said), NOW) is None


@pytest.mark.parametrize(
    ("off", "words"), [(180, "180 seconds behind"), (-7200, "7200 seconds ahead"), (0, "the same time now")]
)
def test_by_how_much_the_clocks_differ_is_said(off: int, words: str) -> None:
    date = {"Date": format_datetime(NOW + timedelta(seconds=off), usegmt=True)}
    found = refused_request(401, date, problem("clock"), NOW)
    assert found is not None
    assert words in found.text
    assert seconds_ahead(date, NOW) == off


def test_without_a_date_it_says_that_it_does_not_know() -> None:
    found = refused_request(401, {}, problem("clock"), NOW)
    assert found is not None
    assert "does not say by how much" in found.text


@given(date=st.text(), body=st.binary(max_size=200), status=st.integers(100, 599))
def test_whatever_a_peer_writes_fails_nothing_and_is_not_passed_on(date: str, body: bytes, status: int) -> None:
    seconds_ahead({"Date": date}, NOW)
    found = refused_request(status, {"Date": date}, body, NOW)
    assert found is None or "secret.test" not in found.text


@given(st.sampled_from([1, 99999]), st.sampled_from(["GMT", "+9999", "-0000", "XYZ"]))
def test_a_date_that_no_calendar_has_is_none(year: int, zone: str) -> None:
    assert seconds_ahead({"Date": f"Mon, 01 Jan {year:05} 00:00:00 {zone}"}, NOW) is None or year == 1
