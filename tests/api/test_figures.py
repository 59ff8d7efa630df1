from typing import Any

import httpx2

from router.figures.written import COLUMNS
from tests.office import report

DAYS = {"from": "2026-01-01", "to": "2026-12-31"}


async def test_figures_of_days_as_json_and_as_csv(analyst: httpx2.AsyncClient) -> None:
    await analyst.post("/v1/reports", json=report("r-1", "https://one.test/1"))
    said = (await analyst.get("/v1/figures", params=DAYS)).json()
    assert (said["audience"], said["definitions"], said["against"]["first"]) == ("internal", "v1", "2025-01-01")
    received = [one["value"] for one in said["figures"] if (one["measure"], one["dimension"]) == ("reports", "total")]
    assert received == [1]
    table = await analyst.get("/v1/figures", params=DAYS | {"format": "csv", "for": "platform", "against": 2019})
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.split("\r\n")[0] == ",".join(COLUMNS)
    assert "platform,v1,2026-01-01,2026-12-31,reports,total,all,1,,2019-01-01" in table.text


async def test_no_notices_yet_is_an_answer(analyst: httpx2.AsyncClient) -> None:
    found = await analyst.get("/v1/figures", params=DAYS | {"for": "dsa"})
    assert (found.status_code, found.json()["answer"][:15]) == (200, "No notices yet:")


async def test_what_is_asked_amiss_is_named(analyst: httpx2.AsyncClient) -> None:
    for wrong in (
        {"from": "yesterday"},
        {"for": "press"},
        {"definitions": "v9"},
        {"from": "2027-01-01"},
        {"against": 0},
    ):
        assert (await analyst.get("/v1/figures", params=DAYS | wrong)).status_code == 422


async def test_who_publishes_and_who_reads_what_was(served: Any) -> None:
    given = {"audience": "public", "first": "2026-01-01", "last": "2026-10-31", "against": 2019}
    async with await served.as_role("analyst") as analyst, await served.as_role("supervisor") as supervisor:
        assert (await analyst.post("/v1/figures/editions", json=given)).status_code == 403
        made = await supervisor.post("/v1/figures/editions", json=given)
        assert (made.status_code, made.json()["number"]) == (201, 1)
        again = await supervisor.post("/v1/figures/editions", json=given)
        assert (again.status_code, again.json()["reason"]) == (422, "another_edition")
        assert (await analyst.get("/v1/figures/editions")).json()["items"] == [made.json()]
        another = await supervisor.post("/v1/figures/editions", json=given | {"reason": "counted anew"})
        page = (await analyst.get("/v1/figures/editions", params={"limit": 1})).json()
        assert page == {"items": [another.json()], "total": 2, "more": False, "next": another.json()["id"]}
        last = (await analyst.get("/v1/figures/editions", params={"limit": 1, "cursor": page["next"]})).json()
        assert last == {"items": [made.json()], "total": 2, "more": False, "next": None}
        assert (await analyst.get("/v1/figures/editions", params={"cursor": "nothing"})).status_code == 422
        assert (await analyst.get(f"/v1/figures/editions/{made.json()['id']}")).json() == made.json()
        assert (await analyst.get("/v1/figures/editions/nothing")).status_code == 404
