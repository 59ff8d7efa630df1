"""Methods and paths, as a client meets them."""

import pytest

from router.world.iccam.hub import Hub
from tests.world.iccam.caller import Caller
from tests.world.iccam.members import a_content, a_report


@pytest.fixture
async def member(caller: Caller, hub: Hub) -> Caller:
    hub.keep(a_report(), a_content())
    await caller.login()
    return caller


@pytest.mark.parametrize("path", ["rest/reports/900001", "rest/Reports/900001", "REST/content/7000001"])
async def test_paths_may_be_written_in_any_case(member: Caller, path: str) -> None:
    assert (await member.call("GET", path)).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "rest/Reports/0"),
        ("GET", "rest/Reports/abc"),
        ("GET", "rest/Content/999"),
        ("DELETE", "rest/Content/7000001"),
        ("POST", "rest/Content/7000001"),
        ("GET", "rest/nothing"),
        ("PUT", "rest/Reports/900001/source-url/nothing"),
        ("GET", "Authentication"),
    ],
)
async def test_what_is_not_there_is_not_found(member: Caller, method: str, path: str) -> None:
    said = await member.call(method, path)
    assert (said.status, said.body) == (404, {"title": "Not Found", "status": 404})


@pytest.mark.parametrize("path", ["rest/Content/7000001", "rest/reports", "rest/classifications", "rest/nothing"])
@pytest.mark.parametrize("token", ["", "unknown"])
async def test_nothing_is_told_without_a_login(member: Caller, path: str, token: str) -> None:
    member.token = token
    said = await member.call("GET", path)
    assert (said.status, said.body["title"]) == (401, "Unauthorized")


async def test_another_scheme_is_no_login(member: Caller) -> None:
    basic = {"Authorization": f"Basic {member.token}"}
    assert (await member.raw("GET", "rest/Content/7000001", basic, b"")).status == 401


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("rest/Content/7000001/assigned-country?newCountryCode=de", None, "newCountryCode"),
        ("rest/Content/7000001/assigned-country", None, "newCountryCode"),
        ("rest/Content/7000001/url/hosting?newIpAddress=192.0.2.1", None, "newCountryCode"),
        ("rest/Content/7000001/hotline-reference?reference=", None, "reference"),
        ("rest/Reports/900001/source-url/site-type", None, "siteType"),
        ("rest/Reports/900001/source-url/commerciality?commerciality=x", None, "commerciality"),
        ("rest/Reports/900001/source-url/payment-methods", {"a": 1}, "paymentMethods"),
        ("rest/Content/7000001/assessment", {}, "assessingAnalystName"),
    ],
)
async def test_a_wrong_value_is_named(member: Caller, path: str, body: object, field: str) -> None:
    said = await member.call("PUT", path, body)
    assert (said.status, field in said.body["errors"]) == (400, True)


async def test_one_row_of_the_reference_data(member: Caller, hub: Hub) -> None:
    paths = ("countries/NL", "countries/2", "hotlines/32", "action-types/6", "site-types/24", "payment-methods/99")
    rows = [(await member.call("GET", f"rest/{path}")).body for path in paths]
    assert [[row["name"] for row in found] for found in rows] == [
        ["Netherlands"],
        ["Belgium"],
        ["Hotline B"],
        ["NotIllegal"],
        ["Not Applicable"],
        [],
    ]
    assert rows[3] == [{"type": 6, "name": "NotIllegal"}]


async def test_enumerations_grow(member: Caller, hub: Hub) -> None:
    hub.words["action-types"][8] = "ReportedToSomebody"
    assert {"type": 8, "name": "ReportedToSomebody"} in (await member.call("GET", "rest/action-types")).body


async def test_an_address_of_version_six_travels(member: Caller, hub: Hub) -> None:
    query = "newIpAddress=2001%3Adb8%3A%3A1&newCountryCode=DE"
    assert (await member.call("PUT", f"rest/Content/7000001/url/hosting?{query}")).status == 200
    assert hub.contents[7_000_001].hosting_ip == "2001:db8::1"
