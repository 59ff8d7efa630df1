"""The policy's versions over HTTP: read by whoever reads the policy, rolled back by a supervisor."""

from typing import Any

import httpx2
import pytest

from router.casework.govern.versions import import_directory, publish_policy
from schemas.actor import ROUTER, Role
from tests.governed import DIRECTORY, SMALL

NARROW = SMALL.replace('to = ["police"]', 'to = ["desk"]')
PATH = "/v1/policy/versions"


@pytest.fixture
async def published(served: Any) -> None:
    store, clock = served.ctx.store, served.ctx.clock
    await import_directory(store, clock, DIRECTORY, ROUTER)
    for text in (NARROW, SMALL, NARROW):
        await publish_policy(store, clock, text, ROUTER)


@pytest.mark.usefixtures("published")
async def test_listed_read_and_compared_by_whoever_reads_the_policy(served: Any) -> None:
    for role in (Role.VIEWER, Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR):
        async with await served.as_role(role) as client:
            first = (await client.get(PATH, params={"limit": 2})).json()
            assert [(one["version"], one["same_as"]) for one in first["items"]] == [(3, 1), (2, None)]
            assert (first["total"], first["next"], first["items"][0]["in_force"]) == (3, "2", True)
            rest = (await client.get(PATH, params={"limit": 2, "cursor": first["next"]})).json()
            assert ([one["version"] for one in rest["items"]], rest["next"]) == ([1], None)
            assert (await client.get(f"{PATH}/2")).json() == {"version": 2, "text": SMALL}
            found = (await client.get(f"{PATH}/3/compare")).json()
            assert (found["of"], found["to"]) == (2, 3)
            assert [(one["route"], one["more"], one["less"]) for one in found["routes"]] == [
                ("rest", ["desk"], ["police"])
            ]
            assert (await client.get(f"{PATH}/3/compare", params={"of": 1})).json()["routes"] == []
            assert (await client.post(f"{PATH}/2/roll-back", json={"over": 3})).status_code == 403


@pytest.mark.usefixtures("published")
async def test_rolled_back_by_the_gates_of_any_text(supervisor: httpx2.AsyncClient, is_problem: Any) -> None:
    done = await supervisor.post(f"{PATH}/2/roll-back", json={"over": 3})
    assert done.json() == {"version": 3, "proposed": ["policy"]}
    is_problem(await supervisor.post(f"{PATH}/2/roll-back", json={"over": 2}), 409, "changed_meanwhile")
    is_problem(await supervisor.post(f"{PATH}/1/roll-back", json={"over": 3}), 409, "not_now")
    is_problem(await supervisor.post(f"{PATH}/9/roll-back", json={"over": 3}), 404, "not_found")
    assert (await supervisor.post(f"{PATH}/0/roll-back", json={"over": 3})).status_code == 422
    assert (await supervisor.get(f"{PATH}/9999999999")).status_code == 422
