"""Faults on order: what is done and what is not, and that the next call goes well again."""

import aiohttp
import pytest

from router.world.iccam.hub import Hub
from router.world.iccam.server import IccamServer
from router.world.iccam.trouble import Kind, Trouble, Troubles
from tests.world.iccam.caller import Caller
from tests.world.iccam.members import a_content, a_report, new_report


@pytest.fixture
async def member(caller: Caller) -> Caller:
    await caller.login()
    return caller


@pytest.mark.parametrize(("status", "retry_after"), [(429, "120"), (503, "Wed, 21 Oct 2026 07:28:00 GMT"), (500, None)])
async def test_a_call_is_answered_with_a_status_alone(
    member: Caller, hub: Hub, server: IccamServer, status: int, retry_after: str | None
) -> None:
    server.troubles.order(Trouble(Kind.STATUS, "rest/reports", status=status, retry_after=retry_after))
    refused = await member.call("POST", "rest/reports", new_report())
    assert (refused.status, refused.headers.get("Retry-After"), hub.reports) == (status, retry_after, {})
    assert (await member.call("POST", "rest/reports", new_report())).status == 200


async def test_every_login_can_be_forgotten_in_the_middle(member: Caller, hub: Hub, server: IccamServer) -> None:
    server.troubles.order(Trouble(Kind.LOGGED_OUT, "rest/", skip=1))
    hub.keep(a_report(), a_content())
    statuses = [(await member.call("GET", "rest/Content/7000001")).status for _ in range(3)]
    assert statuses == [200, 401, 401]
    await member.login()
    assert (await member.call("GET", "rest/Content/7000001")).status == 200


@pytest.mark.parametrize(("kind", "reports"), [(Kind.DROP_BEFORE, 0), (Kind.DROP_AFTER, 1), (Kind.CUT, 1)])
async def test_an_answer_can_be_lost_before_or_after_the_hub_took_the_report(
    member: Caller, hub: Hub, server: IccamServer, kind: Kind, reports: int
) -> None:
    server.troubles.order(Trouble(kind, "rest/reports", "POST"))
    with pytest.raises(aiohttp.ClientError):
        await member.call("POST", "rest/reports", new_report())
    assert len(hub.reports) == reports
    assert (await member.call("POST", "rest/reports", new_report())).status == 200


async def test_a_page_of_words_can_stand_where_json_is_due(member: Caller, hub: Hub, server: IccamServer) -> None:
    server.troubles.order(Trouble(Kind.GARBAGE, "rest/reports"))
    said = await member.call("POST", "rest/reports", new_report())
    assert (said.status, said.text[:6], len(hub.reports)) == (200, "<html>", 1)


async def test_half_moved(member: Caller, hub: Hub, server: IccamServer) -> None:
    """The first of the two calls of a move is taken and the second is not: hosted there, and still ours."""
    hub.keep(a_report(), a_content())
    server.troubles.order(Trouble(Kind.STATUS, "assigned-country", "PUT", status=403))
    moves = ("url/hosting?newIpAddress=192.0.2.1&newCountryCode=MD", "assigned-country?newCountryCode=MD")
    assert [(await member.call("PUT", f"rest/Content/7000001/{move}")).status for move in moves] == [200, 403]
    content = hub.contents[7_000_001]
    assert (content.hosting_country, content.assigned_country) == ("MD", "NL")


async def test_an_answer_can_come_late(member: Caller, server: IccamServer) -> None:
    server.troubles.order(Trouble(Kind.STATUS, "rest/content", delay=30))
    with pytest.raises(TimeoutError):
        await member.raw("GET", "rest/Content/1", {}, b"", timeout=0.05)


def test_a_fault_meets_the_calls_that_it_names_and_no_others() -> None:
    troubles = Troubles()
    troubles.order(Trouble(Kind.STATUS, "assigned-country", "PUT", skip=1, times=2))
    path = "rest/content/1/assigned-country"
    calls = [("GET", path), ("PUT", "rest/content/1/url/hosting"), *[("PUT", path)] * 4]
    assert [troubles.next(*call) is not None for call in calls] == [False, False, False, True, True, False]
