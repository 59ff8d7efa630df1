from typing import Any

import httpx2
import pytest

from schemas.actor import Role
from tests.office import report


@pytest.fixture
async def auditor(served: Any) -> Any:
    async with await served.as_role(Role.AUDITOR) as client:
        yield client


async def test_the_chain_comes_in_pages_newest_first(auditor: httpx2.AsyncClient, source: httpx2.AsyncClient) -> None:
    await source.post("/v1/reports", json=report())
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (await auditor.get("/v1/audit", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found[0]["act"] == "case.opened"
    assert [one["seq"] for one in found] == sorted((one["seq"] for one in found), reverse=True)
    assert "example.test" not in str(found)


async def test_the_chain_is_good(auditor: httpx2.AsyncClient, source: httpx2.AsyncClient) -> None:
    await source.post("/v1/reports", json=report())
    found = (await auditor.get("/v1/audit/verify")).json()
    assert found["ok"] is True
    assert found["findings"] == []
    assert found["entries"] > 3


@pytest.mark.parametrize("cursor", ["x", "1_2", "' OR 1=1", "9" * 200])
async def test_a_cursor_that_is_not_ours(auditor: httpx2.AsyncClient, cursor: str) -> None:
    answer = await auditor.get("/v1/audit", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] in {"/cursor", "query/cursor"}
