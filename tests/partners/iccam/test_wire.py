"""What is written for the hub, beside what the public client was seen to write, and what is read of its answers."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadInput
from router.partners.fields import leaves
from router.partners.iccam.dialect import LEAVES, IccamDialect
from router.partners.iccam.wire import (
    ContentView,
    Listed,
    ReportView,
    assessment_body,
    read,
    read_list,
    read_number,
    report_body,
    stamp,
    stamp_of_list,
    target_of,
)
from router.partners.iccam.words import Words
from schemas.exchange import AssessmentStatement, HostingStatement, ReferralMessage
from schemas.report import Login, WaysIn
from schemas.vocabulary import AgeCategory, Assessment, GenderCategory
from tests.partners.iccam.lexicon import all_words
from tests.referrals import AT, a_message
from tests.world.iccam.scenarios import scenarios

ANALYST = "api.user@hotline-a.test"
#: Where our body and the recorded one of the same report differ, and why.
DIFFERENT = {
    "hotlineReference": "ours is free of time, so that a report can be looked for by it",
    "urls.0.hotlineReference": "the same",
}


@pytest.fixture
def words() -> Words:
    return all_words()


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Every leaf of a JSON value by its path; an empty list or object is one."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: dict[str, Any] = {}
    for name, part in parts:
        found |= flat(part, f"{path}.{name}" if path else str(name))
    return found or {path: value}


def recorded(scenario: str) -> dict[str, Any]:
    (call,) = (one for one in scenarios()[scenario] if one.path == "/rest/reports")
    body: dict[str, Any] = json.loads(call.raw_body)
    return body


def test_our_report_is_the_recorded_one_but_for_what_is_said_here(words: Words) -> None:
    message = a_message(
        received_at=datetime(2026, 11, 29, 9, 15, tzinfo=UTC),
        location="https://bad.example.test/page1",
        ways_in=(),
        hosting=HostingStatement(
            country="NL", verdict="country", ips=("192.0.2.10",), as_name="Example Hosting BV", traced_at=AT
        ),
        site_type=None,
        age=AgeCategory.PRE_PUBESCENT,
        gender=GenderCategory.FEMALE,
        note=None,
    )
    ours, theirs = flat(report_body(message, words, ANALYST)), flat(recorded("B1-export-main-only"))
    assert set(ours) == set(theirs)
    assert {name for name in ours if ours[name] != theirs[name]} == set(DIFFERENT)


def test_a_reference_is_stable_and_says_no_time(words: Words) -> None:
    message = a_message()
    bodies = [report_body(message, words, ANALYST) for _ in range(2)]
    assert bodies[0] == bodies[1]
    assert bodies[0]["hotlineReference"] == bodies[0]["urls"][0]["hotlineReference"] == message.referral_id


@pytest.mark.parametrize("text", ["0123", "12e3", "3.10", "007", "true"])
def test_a_text_that_looks_like_a_number_stays_a_text(words: Words, text: str) -> None:
    body = report_body(a_message(note=text, ways_in=(WaysIn(referrer=text),)), words, ANALYST)
    assert (body["memo"], body["sourceUrlReferrer"]) == (text, text)


@pytest.mark.parametrize("login", [None, Login(username="u", password="p"), Login(username="u")])
def test_a_login_stands_where_the_hub_has_a_place_for_it(words: Words, login: Login | None) -> None:
    body = report_body(a_message(ways_in=(WaysIn(login=login),)), words, ANALYST)
    expected = ("", "") if login is None else (login.username, login.password or "")
    assert (body["sourceUrlUsername"], body["sourceUrlPassword"]) == expected


def test_no_person_is_named(words: Words) -> None:
    body = report_body(a_message(), words, ANALYST)
    names = {value for path, value in flat(body).items() if path.endswith("AnalystName")}
    assert names == {ANALYST}


def test_what_nobody_assessed_says_nothing(words: Words) -> None:
    message = a_message(assessment=AssessmentStatement(value=Assessment.UNASSESSED))
    assert assessment_body(message, words, ANALYST) is None
    assert "assessment" not in report_body(message, words, ANALYST)["urls"][0]


@pytest.mark.parametrize(
    ("hosting", "assigned", "target"), [("NL", None, "NL"), ("MD", "GB", "GB"), (None, "DE", "DE")]
)
def test_who_deals_with_it_goes_before_where_it_is(hosting: str | None, assigned: str | None, target: str) -> None:
    statement = HostingStatement(country=hosting, verdict="country", traced_at=AT)
    assert target_of(a_message(hosting=statement, assigned_country=assigned)) == target


def test_what_nobody_deals_with_is_refused() -> None:
    with pytest.raises(BadInput, match="country"):
        target_of(a_message(hosting=HostingStatement(verdict="no_host", traced_at=AT)))


@given(st.integers(0, 4_000_000_000), st.integers(-14, 14))
def test_moments_are_converted_and_not_renamed(seconds: int, hours: int) -> None:
    """The public client cuts a positive offset off and writes Z behind the local time."""
    moment = datetime.fromtimestamp(seconds, UTC)
    there = moment.astimezone(timezone(timedelta(hours=hours)))
    assert stamp(there) == stamp(moment)
    assert datetime.fromisoformat(stamp(there)) == moment
    assert stamp_of_list(there) == stamp(moment).replace("T", " ").removesuffix("Z")


@pytest.mark.parametrize("exchange", [one for calls in scenarios().values() for one in calls], ids=lambda one: one.path)
def test_every_recorded_answer_is_read(exchange: Any) -> None:
    body, kind = json.dumps(exchange.body).encode(), exchange.path.split("/")[2:3]
    if exchange.method != "GET" or exchange.status != 200:
        return
    match kind, exchange.path.rpartition("/")[2].isdecimal():
        case ["Content"], True:
            content = read(ContentView, body)
            assert content is not None
            assert content.url.url_string == exchange.body["url"]["urlString"]
            assert len(content.assessments) == len(exchange.body["assessments"])
        case ["Content"], False:
            assert read_list(body) is not None
        case ["Reports"], _:
            report = read(ReportView, body)
            assert report is not None
            assert len(report.report_contents) == len(exchange.body["reportContents"])


def content(**said: Any) -> bytes:
    known = {"contentId": 7, "url": {"urlString": "https://a.test/", "isSourceUrl": True}}
    return json.dumps(known | said).encode()


def test_what_a_hub_may_write_otherwise_is_read() -> None:
    found = read(
        ContentView,
        content(
            assignedCountryCode="nl",
            assessments=None,
            actions=[{"actionType": 3, "actionDate": "2026-11-29T10:00:00"}],
            surprise={"a": 1},
        ),
    )
    assert found is not None
    assert (found.assigned_country_code, found.assessments) == ("NL", ())
    assert found.actions[0].action_date == datetime(2026, 11, 29, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("nobody", [None, ""])
def test_what_is_nobodys_has_no_country(nobody: str | None) -> None:
    found = read(ContentView, content(assignedCountryCode=nobody))
    assert found is not None
    assert found.assigned_country_code is None


@pytest.mark.parametrize(
    ("body", "number"),
    [(b"900001", 900_001), (b'"900001"', 900_001), (b" 7 ", 7), (b"null", None), (b"true", None), (b"{}", None),
     (b'{"reportId":1}', None), (b"[1]", None), (b"1.5", None), (b'"x"', None), (b"", None), (b"<html>", None),
     (b"0", None), (b"-3", None)],
)  # fmt: skip
def test_the_number_of_a_report_is_a_number_or_nothing(body: bytes, number: int | None) -> None:
    assert read_number(body) == number


@given(st.binary())
def test_nothing_that_a_hub_says_breaks_the_reading(body: bytes) -> None:
    for kind in (ContentView, ReportView, Listed):
        read(kind, body)
    read_list(body)
    read_number(body)


LATER = "2026-12-02T03:04:05Z"
#: Another value for each field of a message, and of what stands in one.
OTHERWISE: dict[str, Any] = {
    "referral_id": "1" * 36, "origin": "hotline-xx", "origin_reference": "another case", "received_at": LATER,
    "received_at_known": False, "kind": "onion", "location": "https://other.test/", "urgency": "live",
    "path": ["hotline-xx"], "supersedes": "2" * 36, "moved_from": "FR", "note": "another note", "site_type": "blog",
    "commerciality": "commercial", "payment_methods": ["sms"], "age": "infant", "gender": "both",
    "assigned_country": "FR", "last_seen": LATER, "numbers": [{"hotline": "hotline-xx", "dossier": "X1"}],
    "pages": ["another page"], "ways_in": [{"referrer": "https://other-referrer.test/"}],
    "account": {"platform": "other", "handle": "other"}, "labels": [{"scheme": "ucs", "value": "other", "at": LATER}],
    "severity": [{"scheme": "house", "value": "other"}], "assessment.value": "national",
    "assessment.assessed_by_role": "other", "assessment.assessed_at": LATER, "assessment.not_assessed_by_us": True,
    "hosting.country": "FR", "hosting.verdict": "split", "hosting.confidence": 0.1, "hosting.ips": ["192.0.2.77"],
    "hosting.asn": 64500, "hosting.as_name": "Other", "hosting.registration_country": "FR", "hosting.edge": True,
    "hosting.traced_at": LATER,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(OTHERWISE))
def test_what_is_told_as_leaving_is_what_the_hub_is_told(words: Words, name: str) -> None:
    """A field leaves exactly if with another value of it something else is said to the hub."""
    message = a_message(age=AgeCategory.PRE_PUBESCENT, assigned_country="DE")
    given = message.model_dump(mode="json")
    *above, last = name.split(".")
    here = given[above[0]] if above else given
    here[last] = OTHERWISE[name]
    changed = ReferralMessage.model_validate_json(json.dumps(given))

    def said(one: ReferralMessage) -> tuple[dict[str, Any], str]:
        return report_body(one, words, ANALYST), target_of(one)

    assert (said(changed) != said(message)) is leaves(LEAVES, name) is leaves(LEAVES, f"item.{name}")


def test_each_field_of_a_message_is_asked_about() -> None:
    inside = {"assessment": AssessmentStatement, "hosting": HostingStatement}
    names = {name for name in ReferralMessage.model_fields if name not in inside}
    names |= {f"{name}.{part}" for name, word in inside.items() for part in word.model_fields}
    assert set(OTHERWISE) == names
    assert not any(leaves(LEAVES, one) for one in ("report", "taken_at", "direct", "pages"))
    assert IccamDialect.leaving is LEAVES
    assert leaves(LEAVES, "hosting"), "some of it"
