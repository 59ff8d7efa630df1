from typing import Any

import httpx2
import pytest

from router.worker.loop import Worker
from tests.office import report


@pytest.fixture
async def site(analyst: httpx2.AsyncClient) -> tuple[str, list[dict[str, Any]]]:
    """Three cases of one host, and one of another."""
    for n, host in enumerate(("one", "one", "one", "other")):
        await analyst.post("/v1/reports", json=report(f"r-{n}", f"https://{host}.test/{n}"))
    listed = (await analyst.get("/v1/cases")).json()["items"]
    assert [one["site"]["open"] for one in listed] == [1, 3, 3, 3]
    return listed[1]["site"]["tag"], [{"case": one["id"], "version": one["version"]} for one in listed[:0:-1]]


async def test_a_site_lists_its_open_cases(analyst: httpx2.AsyncClient, site: tuple[str, list[dict[str, Any]]]) -> None:
    tag, rows = site
    found = (await analyst.get(f"/v1/sites/{tag.lower()}")).json()
    assert [one["case"]["id"] for one in found["items"]] == [row["case"] for row in rows]
    assert found["site"] == {"tag": tag, "open": 3, "more": False}
    assert all("close" in one["acts"] and "not-illegal" not in one["acts"] for one in found["items"])
    assert (await analyst.get("/v1/sites/AAAAAAA")).status_code == 404
    assert (await analyst.get("/v1/sites/one.test")).status_code == 422


async def test_one_act_is_answered_case_by_case(
    analyst: httpx2.AsyncClient, site: tuple[str, list[dict[str, Any]]]
) -> None:
    tag, rows = site
    stale = [*rows[:2], rows[2] | {"version": rows[2]["version"] + 1}]
    said = {"act": "close", "outcome": "unavailable", "reason": "the site is gone", "rows": stale}
    miscounted = await analyst.post(f"/v1/sites/{tag}", json=said | {"count": 4})
    assert (miscounted.status_code, miscounted.json()["reason"]) == (422, "miscounted")
    answer = (await analyst.post(f"/v1/sites/{tag}", json=said | {"count": 3})).json()
    assert (answer["done"], answer["refused"]) == (2, 1)
    assert [one["code"] for one in answer["items"]] == [None, None, "conflict"]


async def test_what_a_filter_of_the_desk_finds_is_listed_and_done_as_it_was_listed(
    analyst: httpx2.AsyncClient, served: Any, site: tuple[str, list[dict[str, Any]]]
) -> None:
    await Worker(served.ctx).turn()
    await Worker(served.ctx).turn()
    found = (await analyst.get("/v1/several?reason=not_assessed&number=r-1")).json()
    assert ([one["case"]["id"] for one in found["items"]], found["more"]) == ([site[1][1]["case"]], False)
    found = (await analyst.get("/v1/several")).json()
    assert len(found["items"]) == 4
    assert (await analyst.get("/v1/several?number=https://one.test/")).status_code == 422
    rows = [{"case": one["case"]["id"], "version": one["case"]["version"]} for one in found["items"]]
    said = {"act": "close", "outcome": "removed", "reason": "gone", "count": 4, "rows": rows}
    answer = (await analyst.post("/v1/several", json=said)).json()
    assert (answer["done"], answer["refused"]) == (4, 0)
    answer = (await analyst.post("/v1/several", json=said)).json()
    assert [one["code"] for one in answer["items"]] == ["conflict"] * 4


async def test_who_only_reads_acts_on_none(served: Any, site: tuple[str, list[dict[str, Any]]]) -> None:
    tag, rows = site
    async with await served.as_role("viewer") as viewer:
        assert {tuple(one["acts"]) for one in (await viewer.get(f"/v1/sites/{tag}")).json()["items"]} == {()}
        said = {"act": "retrace", "reason": "so", "count": 3, "rows": rows}
        assert (await viewer.post(f"/v1/sites/{tag}", json=said)).status_code == 403


async def test_what_is_sought_stands_in_the_body_and_a_location_takes_who_may_reveal(
    served: Any, analyst: httpx2.AsyncClient, site: tuple[str, list[dict[str, Any]]]
) -> None:
    _, rows = site
    for text, cases in {
        "https://one.test/1": [rows[1]["case"]],
        "one.test": [row["case"] for row in rows[::-1]],
        rows[2]["case"]: [rows[2]["case"]],
        "r-0": [rows[0]["case"]],
        "https://nobody.test/": [],
    }.items():
        answer = (await analyst.post("/v1/cases/search", json={"text": text})).json()
        assert ([one["id"] for one in answer["items"]], answer["total"]) == (cases, len(cases)), text
    async with await served.as_role("viewer") as viewer:
        answer = (await viewer.post("/v1/cases/search", json={"text": "r-0"})).json()
        assert (answer["total"], answer["read_as"], answer["also"]) == (1, {"meaning": "number", "value": None}, [])
        assert (await viewer.post("/v1/cases/search", json={"text": "one.test"})).status_code == 403
