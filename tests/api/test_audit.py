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


async def test_a_day_or_a_case_narrows_it_with_a_total_of_its_own(
    auditor: httpx2.AsyncClient, source: httpx2.AsyncClient
) -> None:
    await source.post("/v1/reports", json=report())
    await source.post("/v1/reports", json=report("r-2", "https://other.test/"))
    taken = (await auditor.get("/v1/audit")).json()["items"][0]["case"]
    of_case = (await auditor.get("/v1/audit", params={"case": taken})).json()
    assert {one["case"] for one in of_case["items"]} == {taken}
    assert (of_case["total"], of_case["more"], of_case["next"]) == (len(of_case["items"]), False, None)
    everything = (await auditor.get("/v1/audit")).json()["total"]
    day = of_case["items"][0]["at"][:10]
    assert (await auditor.get("/v1/audit", params={"day": day})).json()["total"] == everything > of_case["total"]
    assert (await auditor.get("/v1/audit", params={"day": "1999-01-01"})).json()["total"] == 0
