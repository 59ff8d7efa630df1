"""Sources over HTTP: anybody of staff sees them, who hands out tokens changes them."""

from typing import Any

import httpx2
import pytest

from schemas.actor import Role


@pytest.fixture
async def administrator(served: Any) -> Any:
    async with await served.as_role(Role.ADMINISTRATOR) as client:
        yield client


async def test_added_changed_and_listed(administrator: httpx2.AsyncClient) -> None:
    answer = await administrator.post("/v1/sources", json={"name": "spider", "kind": "crawler", "daily_cap": 50})
    made = {"name": "spider", "kind": "crawler", "assesses": False, "lane": "bulk", "daily_cap": 50, "sent_today": {}}
    made |= {"may_ring": False, "send_again_since": None, "status": None}
    assert (answer.status_code, answer.json()) == (201, made)
    changed = (await administrator.post("/v1/sources/spider", json={"uncapped": True, "assesses": True})).json()
    assert changed == made | {"daily_cap": None, "assesses": True}
    listed = (await administrator.get("/v1/sources")).json()["items"]
    assert [one["name"] for one in listed] == ["analysts", "form", "spider"]


async def test_staff_see_them_and_change_nothing(served: Any, is_problem: Any) -> None:
    async with await served.as_role(Role.ANALYST) as client:
        assert (await client.get("/v1/sources")).status_code == 200
        is_problem(await client.post("/v1/sources/form", json={"daily_cap": 1}), 403, "token:write")


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("", {"name": "form", "kind": "public"}, 409, "conflict"),
        ("", {"name": "new", "kind": "friend"}, 422, "invalid_field"),
        ("", {"name": "new", "kind": "crawler", "daily_cap": 0}, 422, "invalid_field"),
        ("/nobody", {"daily_cap": 5}, 404, "not_found"),
        ("/form", {}, 422, "bad_input"),
        ("/form", {"daily_cap": 5, "uncapped": True}, 422, "invalid_field"),
    ],
)
async def test_what_cannot_be(
    administrator: httpx2.AsyncClient, is_problem: Any, path: str, body: dict[str, Any], status: int, reason: str
) -> None:
    is_problem(await administrator.post(f"/v1/sources{path}", json=body), status, reason)


HOOK = {"hook": {"url": "https://form.example/status", "secrets": ["form-status"]}}


async def test_a_status_address_is_proposed_and_taken_away(administrator: httpx2.AsyncClient, served: Any) -> None:
    answer = await administrator.post("/v1/sources/form/status", json=HOOK)
    assert (answer.status_code, answer.json()) == (200, {"version": 0, "proposed": ["source:form"]})
    (waits,) = (await administrator.get("/v1/proposals")).json()["items"]
    async with await served.as_role(Role.SUPERVISOR) as other:
        confirmed = await other.post("/v1/proposals/source:form/confirm", json={"id": waits["id"]})
        assert (confirmed.status_code, confirmed.json()["version"]) == (200, 0)
    listed = (await administrator.get("/v1/sources")).json()["items"]
    (status,) = [one["status"] for one in listed if one["name"] == "form"]
    assert (status["url"], status["waiting"], status["failing"]) == (HOOK["hook"]["url"], 0, None)
    assert (await administrator.post("/v1/sources/form/status", json={})).json()["proposed"] == []
    listed = (await administrator.get("/v1/sources")).json()["items"]
    assert {one["status"] for one in listed} == {None}


async def test_who_may_not_write_proposes_nothing(served: Any, is_problem: Any) -> None:
    async with await served.as_role(Role.ANALYST) as client:
        is_problem(await client.post("/v1/sources/form/status", json=HOOK), 403, "token:write")
