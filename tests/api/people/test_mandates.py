"""A supervisor says until when somebody may look; another person ticks off what a leaver could know."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from router.casework.people import tokens
from schemas.actor import ROUTER, Role
from tests.office import door


async def test_a_mandate_is_given_listed_and_ended(served: Any, supervisor: httpx2.AsyncClient) -> None:
    await tokens.add_account(served.ctx, "ann", Role.ANALYST, ROUTER)
    given = await supervisor.post("/v1/accounts/ann/mandate", json={"until": "2026-12-31"})
    assert (given.status_code, given.json()["in_force"]) == (201, True)
    assert (await supervisor.get("/v1/mandates")).json()["items"] == [given.json()]
    assert (await supervisor.post(f"/v1/mandates/{given.json()['id']}/end")).status_code == 204
    assert (await supervisor.post(f"/v1/mandates/{given.json()['id']}/end")).status_code == 409
    assert (await supervisor.get("/v1/mandates")).json()["items"][0]["ended_by"] == "person:a-supervisor"


@pytest.mark.parametrize("body", [{}, {"until": "soon"}, {"until": "2020-01-01"}, {"until": 20261231}])
async def test_one_without_a_day_to_come_is_refused(
    served: Any, supervisor: httpx2.AsyncClient, body: dict[str, Any]
) -> None:
    await tokens.add_account(served.ctx, "ann", Role.ANALYST, ROUTER)
    answer = await supervisor.post("/v1/accounts/ann/mandate", json=body)
    assert answer.status_code == 422
    assert (await supervisor.get("/v1/mandates")).json()["items"] == []


async def test_who_gives_roles_gives_no_mandates(served: Any) -> None:
    """An administrator who could do both would make whoever they like see locations, alone."""
    await tokens.add_account(served.ctx, "ann", Role.ANALYST, ROUTER)
    async with await served.as_role(Role.ADMINISTRATOR) as administrator:
        assert (await administrator.post("/v1/accounts/ann/mandate", json={"until": "2026-12-31"})).status_code == 403
        assert (await administrator.get("/v1/mandates")).status_code == 200


async def test_what_a_leaver_could_know_is_ticked_off_by_another(served: Any, supervisor: httpx2.AsyncClient) -> None:
    await tokens.add_account(served.ctx, "ann", Role.ANALYST, ROUTER)
    async with await served.as_role(Role.ADMINISTRATOR) as administrator:
        await administrator.post("/v1/accounts/ann/close")
        listed = (await administrator.get("/v1/farewells")).json()["items"]
        assert {one["account"] for one in listed} == {"ann"}
        assert (await administrator.post(f"/v1/farewells/{listed[0]['id']}/done")).status_code == 403
    assert (await supervisor.post(f"/v1/farewells/{listed[0]['id']}/done")).status_code == 204
    done = (await supervisor.get("/v1/farewells")).json()["items"][0]
    assert done["done_by"] == "person:a-supervisor"


async def test_a_token_reveals_in_the_named_networks_only(served: Any, unknown: str, is_problem: Any) -> None:
    """The test's client asks from 127.0.0.1."""
    for networks, status in ((("192.0.2.0/24",), 403), (("127.0.0.0/8",), 404), ((), 404)):
        served.app.state.ctx = replace(served.ctx, door=door(reveal_from=networks))
        async with served.client(await _token(served)) as analyst:
            answer = await analyst.post(f"/v1/cases/{unknown}/reveal", json={"reason": "x"})
            assert answer.status_code == status
            assert status != 403 or answer.json()["reason"] == "reveal_from"
            assert (await analyst.get("/v1/cases")).status_code == 200


async def _token(served: Any) -> str:
    from tests.office import token_for

    return await token_for(served.ctx, Role.ANALYST, f"ann-{len(await tokens.all_accounts(served.ctx))}")


async def test_how_much_somebody_looked_is_theirs_and_the_wellbeing_leads(
    served: Any, supervisor: httpx2.AsyncClient
) -> None:
    async with await served.as_role(Role.WELLBEING) as lead:
        assert (await lead.get("/v1/exposure")).json() == {"items": []}
        assert (await lead.get("/v1/cases")).status_code == 403
    assert (await supervisor.get("/v1/exposure")).status_code == 403
    assert (await supervisor.get("/v1/exposure/mine")).json() == {"items": []}
