"""What members may do, without HTTP. The switches have their own tests in test_rules.py."""

from datetime import timedelta
from typing import Any

import pytest

from router.clock import StoryClock
from router.world.iccam.bodies import Action, Assessment, NewReport
from router.world.iccam.hub import FIRST_CONTENT, FIRST_REPORT, Hub
from router.world.iccam.records import Refusal
from router.world.iccam.rules import AssignedBy, Rules
from tests.world.iccam.members import ASSESSMENT, DE, LEA, NL, NOW, a_content, a_report, location, new_report


def posted(*urls: dict[str, Any]) -> NewReport:
    return NewReport.model_validate(new_report(*urls))


def test_ids_go_on(hub: Hub) -> None:
    page, file = location(), location("https://bad.example.test/1.jpg", isSourceUrl=False, contentType=1)
    reports = [hub.report(NL, posted(page, file)) for _ in range(2)]
    assert [report.id for report in reports] == [FIRST_REPORT, FIRST_REPORT + 1]
    assert [content.id for report in reports for content in report.contents] == list(
        range(FIRST_CONTENT, FIRST_CONTENT + 4)
    )


def test_the_crawler_adds_what_a_page_holds(hub: Hub) -> None:
    hub.crawls = {"https://bad.example.test/p": ("https://bad.example.test/1.jpg", "https://bad.example.test/2.jpg")}
    hub.rules = Rules(assigned_by=AssignedBy.HOSTING)
    report = hub.report(NL, posted(location(hostingCountryCode="DE")))
    found = hub.contents_of(report)
    assert [(one.url[-5:], one.is_source, one.assigned_country) for one in found] == [
        ("est/p", True, "DE"),
        ("1.jpg", False, "DE"),
        ("2.jpg", False, "DE"),
    ]


def test_a_refused_report_leaves_nothing(hub: Hub) -> None:
    with pytest.raises(Refusal):
        hub.report(NL, posted(location(isSourceUrl=False)))
    assert (hub.reports, hub.contents) == ({}, {})


@pytest.mark.parametrize("find", ["find_report", "find_content"])
def test_what_is_unknown_is_not_found(hub: Hub, find: str) -> None:
    with pytest.raises(Refusal) as refused:
        getattr(hub, find)(1)
    assert refused.value.status == 404


def test_the_same_assessment_again_changes_nothing(hub: Hub) -> None:
    hub.keep(a_report(), a_content())
    body = Assessment.model_validate(ASSESSMENT)
    for _ in range(2):
        hub.assess(NL, FIRST_CONTENT, body)
    hub.assess(NL, FIRST_CONTENT, Assessment.model_validate(ASSESSMENT | {"classification": 2}))
    assert [one["classification"] for one in hub.contents[FIRST_CONTENT].assessments] == [1, 2]


def test_an_action_told_twice_stands_twice(hub: Hub) -> None:
    """So that a client which tells it twice is found out."""
    hub.keep(a_report(), a_content())
    for _ in range(2):
        hub.act(NL, FIRST_CONTENT, Action.model_validate(LEA))
    assert [one["actionType"] for one in hub.contents[FIRST_CONTENT].actions] == [1, 1]


def test_a_move_changes_host_and_hands(hub: Hub, clock: StoryClock) -> None:
    hub.keep(a_report(), a_content())
    clock.advance(timedelta(hours=1))
    for _ in range(2):  # the same again changes nothing
        hub.rehost(NL, FIRST_CONTENT, "DE", "198.51.100.20")
        hub.assign(NL, FIRST_CONTENT, "DE")
        clock.advance(timedelta(hours=1))
    content = hub.contents[FIRST_CONTENT]
    assert (content.hosting_country, content.hosting_ip, content.assigned_country) == ("DE", "198.51.100.20", "DE")
    assert content.assigned_at == NOW + timedelta(hours=1)


def test_an_unknown_address_may_be_empty(hub: Hub) -> None:
    hub.keep(a_report(), a_content())
    hub.rehost(NL, FIRST_CONTENT, "DE", "")
    assert hub.contents[FIRST_CONTENT].hosting_ip is None


@pytest.mark.parametrize("country", ["FR", "DE", None])
def test_the_hub_may_put_it_elsewhere_by_itself(hub: Hub, clock: StoryClock, country: str | None) -> None:
    hub.keep(a_report(), a_content())
    clock.advance(timedelta(days=1))
    hub.reassign(FIRST_CONTENT, country)
    content = hub.contents[FIRST_CONTENT]
    assert content.assigned_country == country
    assert content.assigned_at == (None if country is None else NOW + timedelta(days=1))


def test_references_stand_beside_each_other(hub: Hub) -> None:
    hub.keep(a_report(), a_content())
    for hotline, reference in ((NL, "a b&c#d"), (DE, "theirs"), (NL, "ours")):
        hub.refer(hotline, FIRST_CONTENT, reference)
    assert hub.contents[FIRST_CONTENT].references == {NL.id: "ours", DE.id: "theirs"}


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("site-type", 1, "siteType"),
        ("commerciality", 4, "commerciality"),
        ("payment-methods", [99], "paymentMethods"),
        ("nothing", 1, None),
    ],
)
def test_a_source_is_completed_by_known_words(hub: Hub, name: str, value: int | list[int], field: str | None) -> None:
    hub.keep(a_report())
    with pytest.raises(Refusal) as refused:
        hub.complete(FIRST_REPORT, name, value)
    assert list(refused.value.errors) == ([] if field is None else [field])
    for known, right in (("site-type", 6), ("commerciality", 2), ("payment-methods", [2, 6])):
        hub.complete(FIRST_REPORT, known, right)
    report = hub.reports[FIRST_REPORT]
    assert (report.site_type, report.commerciality, report.payment_methods) == (6, 2, [2, 6])
