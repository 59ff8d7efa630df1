"""Analysts behind the hub: the Dutch ones work off what they were given, as in the demo's story."""

from datetime import timedelta

import pytest

from router.world.iccam.bodies import NewReport
from router.world.iccam.hub import Hub
from router.world.iccam.records import Refusal
from router.world.iccam.rules import AssignedBy, Rules
from router.world.iccam.staff import Analyst
from tests.world.iccam.members import BE, NOW, a_content, a_report, location, new_report


def test_a_page_is_worked_off_by_one_hotline_and_the_next(hub: Hub) -> None:
    hub.rules = Rules(assigned_by=AssignedBy.HOSTING, only_assigned=True)
    page = location(assessment=None)
    hub.crawls = {str(page["urlString"]): tuple(f"https://bad.example.test/{n}.jpg" for n in (1, 2, 3))}
    hub.report(BE, NewReport.model_validate(new_report(page)))
    dutch, german = Analyst(hub, "NL", "Anna"), Analyst(hub, "DE")
    source, first, second, third = dutch.work()
    for content in dutch.work():
        dutch.assess(content)
        dutch.report_to_lea(content)
        dutch.report_to_isp(content)
    for content in (first, second):
        dutch.remove(content)
    dutch.not_illegal(source, 19)
    dutch.move(third, "DE", "198.51.100.20")
    assert (dutch.work(), german.work()) == ([], [third])
    assert [action["actionType"] for action in first.actions] == [1, 2, 3]
    assert source.actions[-1]["reasonText"] == "LinkingOrLinklistsNotIllegal"
    assert {action["analystName"] for action in first.actions} == {"Anna"}
    german.unavailable(third, 8)
    assert german.work() == []


def test_an_analyst_acts_only_on_what_the_hub_lets_them(hub: Hub) -> None:
    hub.rules = Rules(only_assigned=True, assessment_before_action=True)
    hub.keep(a_report(), a_content())
    with pytest.raises(Refusal) as refused:
        Analyst(hub, "DE").report_to_lea(hub.contents[7_000_001])
    assert refused.value.status == 403
    with pytest.raises(Refusal) as refused:
        Analyst(hub, "NL").report_to_lea(hub.contents[7_000_001])
    assert refused.value.status == 400


def test_an_act_may_be_dated_back_and_of_a_new_kind(hub: Hub) -> None:
    hub.words["action-types"][8] = "ReportedToSomebody"
    hub.keep(a_report(), a_content())
    Analyst(hub, "NL").act(hub.contents[7_000_001], 8, at=NOW - timedelta(days=1))
    (action,) = hub.contents[7_000_001].actions
    assert (action["actionType"], action["actionDate"]) == (8, "2026-11-28T10:00:00Z")
