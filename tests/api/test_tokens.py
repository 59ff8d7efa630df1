from typing import Any

import httpx2
import pytest

from schemas.actor import Role
from tests.office import report


@pytest.fixture
async def administrator(served: Any) -> Any:
    async with await served.as_role(Role.ADMINISTRATOR) as client:
        yield client


async def test_made_used_and_revoked(served: Any, administrator: httpx2.AsyncClient, is_problem: Any) -> None:
    answer = await administrator.post("/v1/tokens", json={"name": "intake", "source": "form"})
    assert answer.status_code == 201
    made = answer.json()
    async with served.client(made["token"]) as client:
        assert (await client.post("/v1/reports", json=report())).status_code == 202
        assert (await administrator.delete(f"/v1/tokens/{made['view']['id']}")).status_code == 204
        is_problem(await client.post("/v1/reports", json=report("r-2")), 401, "not_signed_in")


async def test_the_list_shows_no_secret(administrator: httpx2.AsyncClient) -> None:
    made = (await administrator.post("/v1/tokens", json={"name": "intake", "source": "form"})).json()
    listed = await administrator.get("/v1/tokens")
    assert made["view"]["id"] in {one["id"] for one in listed.json()["items"]}
    assert made["token"] not in listed.text


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({}, "/name", "invalid_field"),
        ({"name": "x"}, "/account", "bad_input"),
        ({"name": "x", "source": "form", "scopes": ["case:read"]}, "/scopes", "bad_input"),
        ({"name": "x", "source": "form", "days": 0}, "/days", "invalid_field"),
        ({"name": "x", "source": "Form!"}, "/source", "invalid_field"),
    ],
)
async def test_a_token_that_cannot_be(
    administrator: httpx2.AsyncClient, is_problem: Any, body: dict[str, Any], field: str, reason: str
) -> None:
    found = is_problem(await administrator.post("/v1/tokens", json=body), 422, reason)
    assert [one["field"] for one in found["errors"]] == [field]


async def test_an_administrator_makes_no_token_for_anybody_else(
    served: Any, administrator: httpx2.AsyncClient, is_problem: Any
) -> None:
    await served.as_role(Role.ANALYST)
    is_problem(await administrator.post("/v1/tokens", json={"name": "x", "account": "a-analyst"}), 403, "not_yours")
    assert (await administrator.post("/v1/tokens", json={"name": "x", "account": "a-administrator"})).status_code == 201


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_makes_their_own(served: Any, role: Role) -> None:
    async with await served.as_role(role) as client:
        made = (await client.post("/v1/tokens/mine", json={"name": "script", "days": 30})).json()
    assert made["view"]["account"] == f"a-{role}"
    async with served.client(made["token"]) as again:
        assert (await again.post("/v1/tokens/mine", json={"name": "another"})).status_code == 201


async def test_only_a_token_that_exists_is_revoked(
    administrator: httpx2.AsyncClient, is_problem: Any, unknown: str
) -> None:
    is_problem(await administrator.delete(f"/v1/tokens/{unknown}"), 404, "not_found")
