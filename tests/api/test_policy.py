import time
from typing import Any

import httpx2
import pytest

from router.casework.govern import versions
from router.data.directory import shipped_directory
from router.data.policies import default_policy
from schemas.actor import ROUTER, Role
from tests.office import shipped_policy


@pytest.fixture
async def published(served: Any) -> int:
    """The shipped policy and directory, put in force as at the first start."""
    await versions.ensure_defaults(served.ctx.store, served.ctx.clock, shipped_policy(), shipped_directory(), ROUTER)
    served.ctx.governance.directory_ = shipped_directory()
    return 1


async def test_the_policy_in_force_as_it_was_written(supervisor: httpx2.AsyncClient, published: int) -> None:
    found = (await supervisor.get("/v1/policy")).json()
    assert found == {"version": published, "text": shipped_policy()}


async def test_none_yet(supervisor: httpx2.AsyncClient, is_problem: Any) -> None:
    is_problem(await supervisor.get("/v1/policy"), 404, "not_found")


async def test_another_is_published(supervisor: httpx2.AsyncClient, published: int) -> None:
    answer = await supervisor.post("/v1/policy", json={"text": shipped_policy()})
    assert answer.json() == {"version": published + 1, "proposed": []}


@pytest.mark.parametrize("text", ["version = 1", "nonsense", "x" * 1000])
async def test_a_wrong_one_is_refused_and_the_old_one_stays(
    supervisor: httpx2.AsyncClient, is_problem: Any, published: int, text: str
) -> None:
    is_problem(await supervisor.post("/v1/policy", json={"text": text}), 422, "policy_invalid")
    assert (await supervisor.get("/v1/policy")).json()["version"] == published


async def test_replayed_over_nothing(supervisor: httpx2.AsyncClient, published: int) -> None:
    answer = await supervisor.post("/v1/policy/replay", json={"text": default_policy("NL"), "limit": 10})
    assert answer.json() == {"items": []}


async def test_a_text_of_one_s_own_is_for_those_who_may_publish_it(served: Any, is_problem: Any) -> None:
    for role in (Role.VIEWER, Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR):
        async with await served.as_role(role) as client:
            answer = await client.post("/v1/policy/replay", json={"text": "x"})
            is_problem(answer, 403, "policy:write")


async def test_a_text_is_tried_by_those_who_may_draft(served: Any, is_problem: Any, published: int) -> None:
    async with await served.as_role(Role.ANALYST) as client:
        found = (await client.post("/v1/policy/try", json={"text": shipped_policy(), "limit": 10})).json()
        assert (found["ok"], found["over"], found["failed"], found["changed"]) == (True, published, [], [])
        assert found["tests"] > 50
        wrong = (await client.post("/v1/policy/try", json={"text": "nonsense"})).json()
        assert (wrong["ok"], wrong["problems"][0]["place"]) == (False, "the policy")
    for role in (Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        async with await served.as_role(role) as client:
            is_problem(await client.post("/v1/policy/try", json={"text": "x"}), 403, "policy:propose")


@pytest.mark.parametrize("path", ["/v1/policy", "/v1/policy/replay"])
@pytest.mark.parametrize("text", ["a" + ".a" * 200_000 + " = 1", "[a" + ".a" * 400_000 + "]", "a = " + "[" * 900_000])
async def test_a_text_made_to_cost_is_refused_at_once(
    supervisor: httpx2.AsyncClient, is_problem: Any, published: int, path: str, text: str
) -> None:
    started = time.process_time()
    is_problem(await supervisor.post(path, json={"text": text}), 422, "policy_invalid")
    assert time.process_time() - started < 1


async def test_no_decision_without_a_case(supervisor: httpx2.AsyncClient, is_problem: Any, unknown: str) -> None:
    is_problem(await supervisor.get(f"/v1/policy/decisions/{unknown}"), 404, "not_found")


async def test_a_rule_is_drafted_by_those_who_decide(served: Any, is_problem: Any, unknown: str) -> None:
    body = {"case": unknown, "scope": "host"}
    async with await served.as_role(Role.VIEWER) as client:
        is_problem(await client.post("/v1/policy/draft", json=body), 403, "policy:propose")
    async with await served.as_role(Role.ANALYST) as client:
        is_problem(await client.post("/v1/policy/draft", json=body), 404, "not_found")
        is_problem(await client.post("/v1/policy/draft", json=body | {"scope": "country"}), 422, "invalid_field")
