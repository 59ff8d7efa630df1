from typing import Any

import httpx2
import pytest


async def test_stopped_shown_and_lifted(supervisor: httpx2.AsyncClient) -> None:
    for scope in ("all", "partner:hotline-nl"):
        assert (await supervisor.post("/v1/stop", json={"scope": scope, "reason": "a drill"})).status_code == 204
    found = (await supervisor.get("/v1/stop")).json()["items"]
    assert [(one["scope"], one["by"], one["reason"]) for one in found] == [
        ("all", "person:a-supervisor", "a drill"),
        ("partner:hotline-nl", "person:a-supervisor", "a drill"),
    ]
    assert (await supervisor.post("/v1/stop/lift", json={"scope": "all", "reason": "over"})).status_code == 204
    assert [one["scope"] for one in (await supervisor.get("/v1/stop")).json()["items"]] == ["partner:hotline-nl"]


async def test_stopped_twice(supervisor: httpx2.AsyncClient, is_problem: Any) -> None:
    await supervisor.post("/v1/stop", json={"reason": "a drill"})
    is_problem(await supervisor.post("/v1/stop", json={"reason": "again"}), 409, "conflict")


async def test_what_is_not_stopped_cannot_be_lifted(supervisor: httpx2.AsyncClient, is_problem: Any) -> None:
    is_problem(await supervisor.post("/v1/stop/lift", json={"reason": "x"}), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"scope": "all"}, "/reason", "invalid_field"),
        ({"scope": "everything", "reason": "x"}, "/scope", "invalid_field"),
        ({"scope": "partner:nobody", "reason": "x"}, "/scope", "bad_input"),
    ],
)
async def test_only_what_exists_is_stopped(
    supervisor: httpx2.AsyncClient, is_problem: Any, body: dict[str, Any], field: str, reason: str
) -> None:
    found = is_problem(await supervisor.post("/v1/stop", json=body), 422, reason)
    assert [one["field"] for one in found["errors"]] == [field]
