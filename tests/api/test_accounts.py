"""Accounts over HTTP: an administrator adds, changes and closes; what a person had is worthless after."""

from typing import Any

import httpx2
import pytest

from router.api.protocol.access import IN_PROCESS
from router.casework.people import links, sessions, tokens
from router.errors import NotSignedIn
from router.guard.access import LOCAL_OPERATOR
from schemas.actor import Actor, Role
from tests.office import token_for


@pytest.fixture
async def administrator(served: Any) -> Any:
    async with await served.as_role(Role.ADMINISTRATOR) as client:
        yield client


async def cookie_of(served: Any, name: str) -> str:
    account = await tokens.account_named(served.ctx, name)
    return (await sessions.begin(served.ctx, account.actor)).cookie


async def test_added_changed_closed_and_listed(administrator: httpx2.AsyncClient) -> None:
    answer = await administrator.post("/v1/accounts", json={"name": "ann", "role": "analyst"})
    assert (answer.status_code, answer.json()) == (201, {"name": "ann", "role": "analyst", "closed_at": None})
    changed = await administrator.post("/v1/accounts/ann/role", json={"role": "supervisor"})
    assert changed.json() == {"name": "ann", "role": "supervisor", "closed_at": None}
    await administrator.post("/v1/accounts", json={"name": "bob", "role": "supervisor"})
    closed = (await administrator.post("/v1/accounts/ann/close")).json()
    assert closed == {"name": "ann", "role": "supervisor", "closed_at": "2026-11-22T09:00:00Z"}
    listed = (await administrator.get("/v1/accounts")).json()["items"]
    assert [one["name"] for one in listed] == ["a-administrator", "ann", "bob"]
    assert listed[1] == closed


@pytest.mark.parametrize(("act", "body"), [("close", None), ("role", {"role": "viewer"})])
async def test_whoever_is_put_out_is_out_with_the_answer(
    served: Any, administrator: httpx2.AsyncClient, is_problem: Any, act: str, body: Any
) -> None:
    async with served.client(await token_for(served.ctx, Role.ANALYST, "ann")) as ann:
        cookie = await cookie_of(served, "ann")
        assert (await ann.get("/v1/cases")).status_code == 200
        assert (await administrator.post(f"/v1/accounts/ann/{act}", json=body)).status_code == 200
        is_problem(await ann.get("/v1/cases"), 401, "not_signed_in")
    with pytest.raises(NotSignedIn):
        await sessions.resume(served.ctx, cookie)


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("", {"name": "a-administrator", "role": "viewer"}, 409, "conflict"),
        ("", {"name": "Ann B", "role": "viewer"}, 422, "invalid_field"),
        ("", {"name": "ann", "role": "king"}, 422, "invalid_field"),
        ("/nobody/role", {"role": "viewer"}, 404, "not_found"),
        ("/nobody/close", {}, 404, "not_found"),
        ("/a-administrator/close", {}, 403, "oneself"),
        ("/a-administrator/role", {"role": "supervisor"}, 403, "oneself"),
        ("/sam/close", {}, 409, "last_one"),
        ("/sam/role", {"role": "administrator"}, 409, "last_one"),
        ("/sam/role", {"role": "supervisor"}, 409, "conflict"),
        ("/sam/invite", {}, 403, "account:invite"),
    ],
)
async def test_what_cannot_be(
    served: Any, administrator: httpx2.AsyncClient, is_problem: Any, path: str, body: Any, status: int, reason: str
) -> None:
    await token_for(served.ctx, Role.SUPERVISOR, "sam")
    is_problem(await administrator.post(f"/v1/accounts{path}", json=body), status, reason)
    assert [one.role for one in await tokens.all_accounts(served.ctx)] == [Role.ADMINISTRATOR, Role.SUPERVISOR]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
async def test_nobody_else_has_a_say(served: Any, is_problem: Any, role: Role) -> None:
    await token_for(served.ctx, Role.ANALYST, "ann")
    async with await served.as_role(role) as client:
        is_problem(await client.get("/v1/accounts"), 403, "account:write")
        is_problem(await client.post("/v1/accounts/ann/close"), 403, "account:write")


async def test_a_link_is_made_on_the_machine_and_opens_once(served: Any) -> None:
    await token_for(served.ctx, Role.ANALYST, "ann")
    operator = Actor(id="local:root", permissions=frozenset(str(one) for one in LOCAL_OPERATOR))

    async def machine(scope: Any, receive: Any, send: Any) -> None:
        await served.app({**scope, IN_PROCESS: operator}, receive, send)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(machine), base_url="http://router.test") as here:
        answer = await here.post("/v1/accounts/ann/invite")
        assert (await here.post("/v1/accounts/nobody/invite")).status_code == 404
    made = answer.json()
    assert (answer.status_code, made["account"], made["ends_at"]) == (201, "ann", "2026-11-22T09:15:00Z")
    opened = await links.redeem(served.ctx, made["path"].removeprefix("/signin/"))
    assert opened.session.actor.id == "person:ann"
