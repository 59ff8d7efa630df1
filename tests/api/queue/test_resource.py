"""The desk's numbers and kept lists over HTTP, as the console shows them."""

import httpx2

from tests.api.conftest import Served
from tests.office import report

FRENCH = {"name": "French", "wanted": {"country": "FR", "order": "age"}}


async def test_kept_listed_with_how_many_and_forgotten(
    served: Served, analyst: httpx2.AsyncClient, supervisor: httpx2.AsyncClient
) -> None:
    assert (await analyst.post("/v1/desk/views", json=FRENCH)).status_code == 204
    assert (await analyst.post("/v1/desk/views", json=FRENCH | {"shared": True})).status_code == 403
    at_risk = {"name": "At risk", "shared": True, "wanted": {"at_risk": True}}
    assert (await supervisor.post("/v1/desk/views", json=at_risk)).status_code == 204
    first, second = (await analyst.get("/v1/desk/views")).json()["items"]
    assert (first["name"], first["shared"], first["count"]) == ("French", False, {"n": 0, "more": False})
    assert (first["wanted"]["country"], first["wanted"]["order"]) == ("FR", "age")
    assert (second["name"], second["shared"]) == ("At risk", True)
    assert [one["name"] for one in (await supervisor.get("/v1/desk/views")).json()["items"]] == ["At risk"]
    assert (await analyst.post("/v1/desk/views/forget", json={"slot": first["slot"]})).status_code == 204
    assert (await analyst.post("/v1/desk/views/forget", json={"slot": first["slot"]})).status_code == 404


async def test_what_is_no_list_is_refused_by_its_field(analyst: httpx2.AsyncClient) -> None:
    for wrong, field in (
        ({"name": "x.test", "wanted": {"country": "FR"}}, "name"),
        ({"name": "French", "wanted": {"country": "fr"}}, "/wanted/country"),
        ({"name": "French", "wanted": {"colour": "red"}}, "/wanted/colour"),
        ({"name": "French", "wanted": {}}, "name"),
        ({"name": "French"}, "wanted"),
    ):
        answer = await analyst.post("/v1/desk/views", json=wrong)
        assert (answer.status_code, field in answer.text) == (422, True), answer.text


async def test_each_choice_has_its_number(served: Served, analyst: httpx2.AsyncClient) -> None:
    source = await served.as_source()
    for n in range(2):
        assert (await source.post("/v1/reports", json=report(f"r-{n}", f"https://h{n}.test/"))).status_code == 202
    from router.worker.loop import Worker

    for _ in range(3):
        await Worker(served.ctx).turn()
    found = (await analyst.get("/v1/desk/counts")).json()
    assert found["sources"] == {"form": {"n": 2, "more": False}}
    assert found["due"]["overdue"] == {"n": 0, "more": False}
    narrowed = (await analyst.get("/v1/desk/counts", params={"country": "FR"})).json()
    assert (narrowed["sources"], narrowed["due"]) == ({"form": {"n": 0, "more": False}}, {})
    unknown = (await analyst.get("/v1/desk/counts", params={"partner": "nl"})).json()
    assert (unknown["sources"], unknown["at_risk"]) == ({}, None)
    assert (await analyst.get("/v1/desk/counts", params={"number": "https://x.test/"})).status_code == 422
