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


async def test_an_administrator_cannot_lend_themselves_a_reveal(
    served: Any, administrator: httpx2.AsyncClient, is_problem: Any, unknown: str
) -> None:
    await served.as_role(Role.ANALYST)
    made = (await administrator.post("/v1/tokens", json={"name": "x", "account": "a-analyst"})).json()
    async with served.client(made["token"]) as client:
        assert (await client.get("/v1/cases")).status_code == 200
        is_problem(await client.post(f"/v1/cases/{unknown}/reveal", json={"reason": "x"}), 403, "case:reveal")


async def test_only_a_token_that_exists_is_revoked(
    administrator: httpx2.AsyncClient, is_problem: Any, unknown: str
) -> None:
    is_problem(await administrator.delete(f"/v1/tokens/{unknown}"), 404, "not_found")
