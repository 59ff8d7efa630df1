"""Each rule that a real hub may have is a switch; here each is seen to refuse or change what goes well without it."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from router.clock import StoryClock
from router.world.iccam.hub import Hub
from router.world.iccam.rules import STRICT, AssignedBy, Rules
from tests.world.iccam.caller import Caller
from tests.world.iccam.members import ASSESSMENT, LEA, NL, NOW, a_content, a_report, location, new_report

CONTENT = "rest/Content/7000001"
COMPLETE: Mapping[str, Any] = {"site_type": 2, "commerciality": 1, "payment_methods": [1]}


@pytest.fixture
async def member(caller: Caller) -> Caller:
    """The Dutch hotline, logged in."""
    await caller.login()
    return caller


async def status(member: Caller, method: str, path: str, body: object = None) -> int:
    return (await member.call(method, path, body)).status


def test_every_rule_has_its_test() -> None:
    assert [field.name for field in fields(Rules) if f"test_{field.name}" not in globals()] == []


def test_the_strict_hub_uses_every_rule_that_refuses() -> None:
    harmless = {"assigned_by", "reassigned", "token_seconds", "most_results", "newest_first"}
    shapes = {"shows_reference", "shows_reasons", "success", "quoted_id"}
    lax = Rules()
    same = {field.name for field in fields(Rules) if getattr(STRICT, field.name) == getattr(lax, field.name)}
    assert same == harmless | shapes


async def test_token_settle(caller: Caller, hub: Hub, clock: StoryClock) -> None:
    hub.rules = Rules(token_settle=2)
    hub.keep(a_report(), a_content())
    await caller.login()
    assert await status(caller, "GET", CONTENT) == 401
    clock.advance(timedelta(seconds=2))
    assert await status(caller, "GET", CONTENT) == 200


async def test_token_seconds(caller: Caller, hub: Hub, clock: StoryClock) -> None:
    hub.rules = Rules(token_seconds=600)
    hub.keep(a_report(), a_content())
    assert (await caller.login()).body["bearerTokenExpiresIn"] == 600
    clock.advance(timedelta(seconds=599))
    assert await status(caller, "GET", CONTENT) == 200
    clock.advance(timedelta(seconds=1))
    assert await status(caller, "GET", CONTENT) == 401


async def test_contents_settle(member: Caller, hub: Hub, clock: StoryClock) -> None:
    hub.rules = Rules(contents_settle=5)
    number = (await member.call("POST", "rest/reports", new_report())).body
    assert (await member.call("GET", f"rest/Reports/{number}")).body["reportContents"] == []
    clock.advance(timedelta(seconds=5))
    assert len((await member.call("GET", f"rest/Reports/{number}")).body["reportContents"]) == 1


async def test_acts_settle(member: Caller, hub: Hub, clock: StoryClock) -> None:
    hub.rules = Rules(acts_settle=60)
    await member.call("POST", "rest/reports", new_report())
    calls = (("POST", f"{CONTENT}/actions", LEA), ("PUT", f"{CONTENT}/assigned-country?newCountryCode=DE", None))
    assert [await status(member, *call) for call in calls] == [400, 400]
    clock.advance(timedelta(seconds=60))
    assert [await status(member, *call) for call in calls] == [200, 200]


@pytest.mark.parametrize(
    ("assigned_by", "country"), [(AssignedBy.REPORTER, "NL"), (AssignedBy.HOSTING, "DE"), (AssignedBy.NOBODY, None)]
)
async def test_assigned_by(member: Caller, hub: Hub, assigned_by: AssignedBy, country: str | None) -> None:
    hub.rules = Rules(assigned_by=assigned_by)
    await member.call("POST", "rest/reports", new_report(location(hostingCountryCode="DE")))
    content = (await member.call("GET", CONTENT)).body
    assert (content["assignedCountryCode"], content["url"]["hostingCountryCode"]) == (country, "DE")
    assert (content["countryAssignmentDate"] is None) == (country is None)


@pytest.mark.parametrize("instead", ["FR", "NL", None])
async def test_reassigned(member: Caller, hub: Hub, instead: str | None) -> None:
    """The hub gives it to a third country, back to who handed it over, or to nobody."""
    hub.rules = Rules(reassigned={"DE": instead})
    hub.keep(a_report(), a_content())
    assert await status(member, "PUT", f"{CONTENT}/assigned-country?newCountryCode=DE") == 200
    assert (await member.call("GET", CONTENT)).body["assignedCountryCode"] == instead


async def test_duplicate_reference(member: Caller, hub: Hub) -> None:
    """Level by level: a report and its source URL share a reference, as the public client's always do."""
    first = new_report(location(hotlineReference="one"), hotlineReference="one")
    another = new_report(location(hotlineReference="two"), hotlineReference="one")
    same_content = new_report(location(hotlineReference="one"), hotlineReference="three")
    assert [await status(member, "POST", "rest/reports", body) for body in (first, first)] == [200, 200]
    hub.rules = Rules(duplicate_reference=409)
    refused = [await status(member, "POST", "rest/reports", body) for body in (another, same_content)]
    assert (refused, len(hub.reports)) == ([409, 409], 2)
    assert await status(member, "PUT", f"{CONTENT}/hotline-reference?reference=one") == 200  # its own, again
    hub.keep(a_report(), a_content(8_000_000))
    assert await status(member, "PUT", "rest/Content/8000000/hotline-reference?reference=one") == 409


async def test_most_results(member: Caller, hub: Hub) -> None:
    hub.keep(a_report(), *(a_content(number) for number in range(1, 251)))
    whole = await member.call("GET", "rest/Content/no-reference?maxResults=500")
    assert (whole.status, len(whole.body)) == (200, 200)
    hub.rules = Rules(most_results=10)
    assert len((await member.call("GET", "rest/Content/no-reference?maxResults=500")).body) == 10


async def test_newest_first(member: Caller, hub: Hub) -> None:
    hub.keep(a_report(), *(a_content(index, assigned_at=NOW + timedelta(minutes=index)) for index in (2, 1, 3)))
    orders = []
    for newest_first in (False, True):
        hub.rules = Rules(newest_first=newest_first)
        orders.append([row["contentId"] for row in (await member.call("GET", "rest/Content/no-reference")).body])
    assert orders == [[1, 2, 3], [3, 2, 1]]


async def test_only_assigned(member: Caller, hub: Hub) -> None:
    calls = (
        ("PUT", f"{CONTENT}/assessment", ASSESSMENT),
        ("POST", f"{CONTENT}/actions", LEA),
        ("PUT", f"{CONTENT}/url/hosting?newIpAddress=192.0.2.1&newCountryCode=FR", None),
        ("PUT", f"{CONTENT}/assigned-country?newCountryCode=DE", None),
    )
    hub.keep(a_report(), a_content(assigned_country="DE"))
    hub.rules = Rules(only_assigned=True)
    assert [await status(member, *call) for call in calls] == [403] * 4
    assert await status(member, "GET", CONTENT) == 200
    hub.rules = Rules()
    assert [await status(member, *call) for call in calls] == [200] * 4


@pytest.mark.parametrize("settled", [{"assessments": [ASSESSMENT]}, {"actions": [{"actionType": 1}]}])
async def test_assessment_final(member: Caller, hub: Hub, settled: Mapping[str, Any]) -> None:
    hub.keep(a_report(), a_content(**{name: list(value) for name, value in settled.items()}))
    hub.rules = Rules(assessment_final=True)
    national = ASSESSMENT | {"classification": 2}
    assert await status(member, "PUT", f"{CONTENT}/assessment", national) == 400
    if "assessments" in settled:
        assert await status(member, "PUT", f"{CONTENT}/assessment", ASSESSMENT) == 200  # the same again
    hub.rules = Rules()
    assert await status(member, "PUT", f"{CONTENT}/assessment", national) == 200


async def test_assessment_before_action(member: Caller, hub: Hub) -> None:
    hub.keep(a_report(), a_content())
    hub.rules = Rules(assessment_before_action=True)
    assert await status(member, "POST", f"{CONTENT}/actions", LEA) == 400
    await member.call("PUT", f"{CONTENT}/assessment", ASSESSMENT)
    assert await status(member, "POST", f"{CONTENT}/actions", LEA) == 200


async def test_completion_before_action(member: Caller, hub: Hub) -> None:
    hub.keep(a_report(), a_content())
    hub.rules = Rules(completion_before_action=True)
    for call in ("site-type?siteType=2", "commerciality?commerciality=1"):
        assert await status(member, "POST", f"{CONTENT}/actions", LEA) == 400
        assert await status(member, "PUT", f"rest/Reports/900001/source-url/{call}") == 200
    assert await status(member, "PUT", "rest/Reports/900001/source-url/payment-methods", [1]) == 200
    assert await status(member, "POST", f"{CONTENT}/actions", LEA) == 200


async def test_normalise_urls(member: Caller, hub: Hub) -> None:
    given = "HTTPS://Bad.Example.Test:443/A?b=C#d"
    for normalise in (False, True):
        hub.rules = Rules(normalise_urls=normalise)
        await member.call("POST", "rest/reports", new_report(location(given)))
    shown = [report.contents[0].url for report in hub.reports.values()]
    assert shown == [given, "https://bad.example.test/A?b=C"]


async def test_shows_reference(member: Caller, hub: Hub) -> None:
    """What it shows is the asking hotline's own: the reporter's is none of the assigned one's."""
    await member.call("POST", "rest/reports", new_report())
    assert (await member.call("GET", CONTENT)).body["hotlineReference"].startswith("ref ")
    hub.rules = Rules(shows_reference=False)
    assert "hotlineReference" not in (await member.call("GET", CONTENT)).body
    assert hub.contents[7_000_001].shown(hub.hotlines["DE"], Rules())["hotlineReference"] is None
    assert NL.id in hub.contents[7_000_001].references


async def test_shows_reasons(member: Caller, hub: Hub) -> None:
    hub.keep(a_report(), a_content())
    gone = LEA | {"actionType": 4, "reasonId": 2, "reasonText": "ContentNotFound"}
    assert await status(member, "POST", f"{CONTENT}/actions", gone) == 200
    (action,) = (await member.call("GET", CONTENT)).body["actions"]
    assert (action["reasonId"], action["analystName"]) == (2, LEA["actioningAnalystName"])
    hub.rules = Rules(shows_reasons=False)
    (action,) = (await member.call("GET", CONTENT)).body["actions"]
    assert set(action) == {"actionType", "analystName", "actionDate"}


@pytest.mark.parametrize(("success", "answers"), [(200, [200, 200]), (201, [201, 201]), (204, [200, 204])])
async def test_success(member: Caller, hub: Hub, success: int, answers: list[int]) -> None:
    hub.rules = Rules(success=success)
    posted = await member.call("POST", "rest/reports", new_report())
    put = await member.call("PUT", f"{CONTENT}/hotline-reference?reference=a")
    assert ([posted.status, put.status], posted.body, put.body) == (answers, 900_001, "")


async def test_quoted_id(member: Caller, hub: Hub) -> None:
    hub.rules = Rules(quoted_id=True)
    assert (await member.call("POST", "rest/reports", new_report())).body == "900001"


async def test_rules_may_change_while_the_hub_runs(member: Caller, hub: Hub) -> None:
    hub.keep(a_report(**COMPLETE), a_content(assessments=[ASSESSMENT]))
    hub.rules = replace(STRICT, token_settle=0)
    assert await status(member, "POST", f"{CONTENT}/actions", LEA) == 400  # it has not settled
    hub.rules = replace(hub.rules, acts_settle=0)
    assert await status(member, "POST", f"{CONTENT}/actions", LEA) == 200
