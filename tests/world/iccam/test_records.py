"""What the hub keeps and shows."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from router.world.iccam.records import Refusal, stamp, without
from router.world.iccam.rules import Rules
from tests.world.iccam.members import ASSESSMENT, DE, NL, NOW, a_content, a_report


def test_the_last_assessment_counts() -> None:
    content = a_content(assessments=[ASSESSMENT, ASSESSMENT | {"classification": 2}])
    assert (content.classification, a_content().classification) == (2, None)


@pytest.mark.parametrize(
    ("actions", "finished"), [([], False), ([1, 2], False), ([1, 3], True), ([4], True), ([6], True)]
)
def test_a_final_action_finishes_a_content(actions: list[int], finished: bool) -> None:
    assert a_content(actions=[{"actionType": action} for action in actions]).is_finished == finished


@pytest.mark.parametrize("missing", ["site_type", "commerciality", "payment_methods"])
def test_a_report_is_complete_when_all_is_known_about_its_source(missing: str) -> None:
    known = {"site_type": 2, "commerciality": 1, "payment_methods": [1]}
    assert a_report(**known).is_complete
    assert not a_report(**{name: value for name, value in known.items() if name != missing}).is_complete


def test_each_hotline_sees_its_own_reference() -> None:
    content = a_content(references={NL.id: "ours"})
    assert [content.shown(hotline, Rules())["hotlineReference"] for hotline in (NL, DE)] == ["ours", None]


def test_what_is_shown_is_a_copy() -> None:
    content, report = a_content(assessments=[ASSESSMENT]), a_report(payment_methods=[1])
    content.shown(NL, Rules())["assessments"].clear()
    report.shown([content])["sourceUrlPaymentMethods"].clear()
    assert (content.assessments, report.payment_methods) == ([ASSESSMENT], [1])


def test_a_content_that_is_nobodys_has_no_date() -> None:
    shown = a_content(assigned_country=None, assigned_at=None).shown(NL, Rules())
    assert (shown["assignedCountryCode"], shown["countryAssignmentDate"]) == (None, None)


def test_moments_are_written_in_utc() -> None:
    east = datetime(2026, 11, 29, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert stamp(east) == stamp(NOW) == "2026-11-29T10:00:00Z"
    assert NOW.tzinfo is UTC


def test_a_row_can_lose_fields() -> None:
    assert without({"a": 1, "b": 2}, {"b", "c"}) == {"a": 1}


def test_a_refusal_says_what_about() -> None:
    assert (Refusal(400, a="b").errors, Refusal(404).status) == ({"a": "b"}, 404)
