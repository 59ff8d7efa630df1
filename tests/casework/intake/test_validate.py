"""What intake refuses, and that it names the field."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from router.casework.intake.validate import CLOCK_SKEW, EARLIEST, check_assessment, check_moment, judge
from router.errors import BadInput, NotAllowed
from schemas.actor import Actor
from schemas.report import AssessmentGiven, ReportGiven
from schemas.vocabulary import Assessment, Lane, SourceKind
from tests.office import START, report

SOURCES = {
    "form": {"name": "form", "kind": "public", "lane": "normal", "assesses": 0, "daily_cap": None},
    "analysts": {"name": "analysts", "kind": "analyst", "lane": "normal", "assesses": 1, "daily_cap": 7},
}
ANYBODY = Actor(id="person:anna")
ASSESSED = {"value": "baseline", "assessed_by": "anna", "assessed_at": "2026-11-22T08:00:00Z"}


def given(**more: Any) -> ReportGiven:
    return ReportGiven.model_validate_json(orjson.dumps(report(**more)))


def test_a_good_report_keeps_its_items_in_order() -> None:
    items = [{"location": "https://one.test/"}, {"location": "https://two.test/"}]
    judged = judge(given(items=items), SOURCES, ANYBODY, START)
    assert [one.host for one in judged.locators] == ["one.test", "two.test"]
    assert (judged.origin.kind, judged.origin.lane) == (SourceKind.PUBLIC, Lane.NORMAL)
    assert judged.origin.daily_cap is None


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"source": "nobody"}, "source"),
        ({"received_at": (START + CLOCK_SKEW + timedelta(seconds=1)).isoformat()}, "received_at"),
        ({"received_at": "0001-01-01T00:00:00+01:00"}, "received_at"),
        ({"received_at": "1970-01-01T00:00:00Z"}, "received_at"),
        ({"source": "analysts", "assessment": {**ASSESSED, "assessed_at": "0001-01-01T00:00:00Z"}},
         "assessment.assessed_at"),
        ({"assessment": {"value": "unassessed", "assessed_at": "0001-01-01T00:00:00+01:00"}},
         "assessment.assessed_at"),
        ({"assessment": ASSESSED}, "assessment.value"),
        ({"source": "analysts", "assessment": {**ASSESSED, "assessed_at": "2027-01-01T00:00:00Z"}},
         "assessment.assessed_at"),
        ({"items": [{"location": "https://one.test/"}, {"location": "data:image/png;base64,AAAA"}]},
         "items.1.location"),
        ({"items": [{"location": "http://"}]}, "items.0.location"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_names_its_field(more: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        judge(given(**more), SOURCES, ANYBODY, START)
    assert refused.value.field == field
    assert "base64" not in refused.value.message


def account(ip: str) -> dict[str, Any]:
    return {"items": [{"location": "x", "account": {"platform": "chat", "handle": "h", "ip": ip}}]}


@pytest.mark.parametrize(
    "ip", ["999.1.1.1", "unknown", "example.test", "not an address", "3.120.0.1, 3.120.0.2", "3.120.0.0/24"]
)
def test_what_is_no_address_is_not_kept_as_an_accounts(ip: str) -> None:
    with pytest.raises(BadInput, match="not an IP address") as refused:
        judge(given(**account(ip)), SOURCES, ANYBODY, START)
    assert refused.value.field == "items.0.account.ip"
    assert ip not in refused.value.message


@pytest.mark.parametrize(
    "ip",
    [
        "3.120.0.1",
        " 3.120.0.1 ",
        "3.120.0.1:50123",
        "3[.]120[.]0[.]1",
        "2001:db8::7",
        "[2001:db8::7]:443",
        "10.0.0.1",
        "",
    ],
)
def test_addresses_are_taken_as_logs_and_people_write_them(ip: str) -> None:
    assert judge(given(**account(ip)), SOURCES, ANYBODY, START).report.items[0].account is not None


def test_what_lies_long_ago_is_taken_as_an_empty_date_only_before_there_was_a_web() -> None:
    check_moment(EARLIEST, "received_at", START)
    with pytest.raises(BadInput) as caught:
        check_moment(EARLIEST - timedelta(microseconds=1), "received_at", START)
    assert str(EARLIEST.year) in caught.value.message


def test_a_token_reports_as_its_own_source_only() -> None:
    with pytest.raises(NotAllowed) as refused:
        judge(given(), SOURCES, Actor(id="source:analysts", source="analysts"), START)
    assert refused.value.field == "source"


def test_a_clock_that_is_a_little_ahead_is_no_mistake() -> None:
    assert judge(given(received_at=(START + CLOCK_SKEW).isoformat()), SOURCES, ANYBODY, START)


@pytest.mark.parametrize(("late", "wrong"), [(0, False), (300, False), (301, True), (-86_400, False)])
def test_a_moment_may_be_ahead_by_what_clocks_differ(late: int, *, wrong: bool) -> None:
    given = START + timedelta(seconds=late)
    if not wrong:
        check_moment(given, "received_at", START)
        return
    with pytest.raises(BadInput) as caught:
        check_moment(given, "received_at", START)
    assert caught.value.field == "received_at"


@pytest.mark.parametrize(
    ("value", "at", "may", "field"),
    [
        ("unassessed", None, False, None),
        ("baseline", START, True, None),
        ("baseline", START, False, "assessment.value"),
        ("baseline", START + timedelta(hours=1), True, "assessment.assessed_at"),
    ],
)
def test_an_assessment_is_its_sources_to_give_and_of_the_past(
    value: str, at: datetime | None, field: str | None, *, may: bool
) -> None:
    given = AssessmentGiven(value=Assessment(value), assessed_by="anna" if at else None, assessed_at=at)
    if field is None:
        check_assessment(given, START, may=may)
        return
    with pytest.raises(BadInput) as caught:
        check_assessment(given, START, may=may)
    assert caught.value.field == field


SCALES = {"be": ("low", "high")}
AT = "2026-11-22T08:00:00Z"
LATER = "2027-01-01T00:00:00Z"
GRAVE = {"scheme": "be", "value": "high", "by": "anna", "at": AT}
LABEL = {"scheme": "ucs", "value": "x", "by": "anna", "at": AT}


@pytest.mark.parametrize(
    ("source", "item", "field"),
    [
        ("analysts", {"severity": GRAVE, "labels": [LABEL], "assessment": ASSESSED}, None),
        ("form", {"last_seen": {"by": "who called", "at": AT}}, None),
        ("form", {"severity": GRAVE}, "items.1.severity"),
        ("form", {"labels": [LABEL]}, "items.1.labels"),
        ("form", {"assessment": ASSESSED}, "items.1.assessment.value"),
        ("analysts", {"severity": GRAVE | {"scheme": "copine"}}, "items.1.severity.scheme"),
        ("analysts", {"severity": GRAVE | {"value": "9"}}, "items.1.severity.value"),
        ("analysts", {"severity": GRAVE | {"at": LATER}}, "items.1.severity.at"),
        ("analysts", {"labels": [LABEL, LABEL | {"at": LATER}]}, "items.1.labels.1.at"),
        ("analysts", {"assessment": ASSESSED | {"assessed_at": LATER}}, "items.1.assessment.assessed_at"),
        ("analysts", {"last_seen": {"by": "anna", "at": LATER}}, "items.1.last_seen.at"),
        ("analysts", {"reference": "first"}, "items.1.reference"),
    ],
)
def test_what_an_item_says_that_cannot_be_names_its_field(source: str, item: dict[str, Any], field: str | None) -> None:
    items = [{"location": "https://one.test/", "reference": "first"}, {"location": "https://two.test/", **item}]
    whole = given(source=source, items=items)
    if field is None:
        assert judge(whole, SOURCES, ANYBODY, START, SCALES)
        return
    with pytest.raises(BadInput) as refused:
        judge(whole, SOURCES, ANYBODY, START, SCALES)
    assert refused.value.field == field
