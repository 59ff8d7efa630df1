from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from router.casework.govern import versions
from router.data.directory import shipped_directory
from router.hosting.verdict.threshold import costs
from router.store.base import Add, Transition
from router.store.schema.tables import tallies
from schemas.actor import ROUTER, Role
from tests.office import report, shipped_policy


async def test_alive_says_nothing_else(served: Any) -> None:
    async with served.client() as client:
        answer = await client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_ready_once_a_policy_is_in_force(served: Any, is_problem: Any) -> None:
    async with served.client() as client:
        answer = await client.get("/readyz")
        is_problem(answer, 503, "no_policy")
        assert answer.headers["retry-after"] == "5"
        ctx = served.ctx
        await versions.ensure_defaults(ctx.store, ctx.clock, shipped_policy(), shipped_directory(), ROUTER)
        assert (await client.get("/readyz")).json() == {"status": "ready"}


@pytest.fixture
async def watcher(served: Any) -> Any:
    async with await served.as_role(Role.VIEWER) as client:
        yield client


async def test_figures_for_prometheus(served_anew: Any) -> None:
    async with await served_anew.as_source() as source, await served_anew.as_role(Role.VIEWER) as watcher:
        await source.post("/v1/reports", json=report(location="https://canary-4471.test/path"))
        answer = await watcher.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert {sample.labels["state"]: sample.value for sample in found["referral_cases"].samples} == {"received": 1.0}
    counted = [one for one in found["http_server_request_duration_seconds"].samples if one.name.endswith("_count")]
    assert {(one.labels["method"], one.labels["route"], one.labels["status"]) for one in counted} == {
        ("POST", "/v1/reports", "2xx")
    }
    assert "canary-4471" not in answer.text


async def test_figures_for_people(watcher: httpx2.AsyncClient, source: httpx2.AsyncClient) -> None:
    await source.post("/v1/reports", json=report(urgency="imminent_risk"))
    found = (await watcher.get("/v1/stats")).json()
    assert found["cases"] == {"received": 1}
    assert found["at_risk"] == 1
    assert found["oldest_on_desk"] is None


async def test_counting_again_finds_what_somebody_wrote_past_the_router(
    served: Any, watcher: httpx2.AsyncClient, source: httpx2.AsyncClient
) -> None:
    await source.post("/v1/reports", json=report())
    assert (await watcher.get("/v1/stats/recount")).json() == {"wrong": {}}
    kept = {"kind": "case", "state": "received", "reason": "", "source": "x", "country": "", "partner": "", "mark": 0}
    await served.ctx.store.commit(Transition(0, adds=[Add(tallies, {**kept, "part": 1, "n": 3})]))
    assert (await watcher.get("/v1/stats/recount")).json() == {"wrong": {"case received x 0": 3}}
    assert (await watcher.get("/v1/stats")).json()["cases"] == {"received": 4}


async def test_figures_say_what_the_threshold_of_the_policy_in_force_costs(watcher: httpx2.AsyncClient) -> None:
    found = (await watcher.get("/v1/stats")).json()
    measured = {group: cost.wrong_of_thousand for group, cost in costs(found["sure_from"]).items()}
    assert found["wrong_of_1000"] == measured
    assert measured["clouds"] == 0 < measured["middle hosters"]


async def test_the_document_is_open_to_read_and_no_page_is_served(served: Any) -> None:
    async with served.client() as client:
        answer = await client.get("/openapi.json")
        assert answer.json()["openapi"].startswith("3.1")
        for path in ("/docs", "/redoc"):
            assert (await client.get(path)).status_code == 404
