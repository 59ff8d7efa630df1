from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from router.casework.govern.versions import import_directory
from router.store.schema.tables import directories
from schemas.actor import ROUTER
from schemas.partner import Directory
from tests.office import PARTNERS


async def test_the_directory_in_force(supervisor: httpx2.AsyncClient) -> None:
    found = (await supervisor.get("/v1/partners")).json()
    assert [one["name"] for one in found["partners"]] == [one.name for one in PARTNERS]


async def test_another_is_put_in_force_whole(served: Any, supervisor: httpx2.AsyncClient) -> None:
    given = {"partners": [PARTNERS[0].model_copy(update={"enabled": False}).model_dump(mode="json")]}
    await import_directory(served.ctx.store, served.ctx.clock, Directory(partners=PARTNERS), ROUTER)
    answer = await supervisor.post("/v1/partners", json=given)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"version": 2, "proposed": []}
    (row, _) = await served.ctx.store.rows(select(directories).order_by(directories.c.version.desc()))
    assert row["by"] == "person:a-supervisor"


@pytest.mark.parametrize(
    ("partner", "field"),
    [
        ({"name": "Not A Name"}, "/partners/0/name"),
        ({"countries": ["XX"]}, "/partners/0/countries/0"),
        ({"kind": "friend"}, "/partners/0/kind"),
        ({"colour": "red"}, "/partners/0/colour"),
    ],
)
async def test_a_partner_that_cannot_be(
    supervisor: httpx2.AsyncClient, is_problem: Any, partner: dict[str, Any], field: str
) -> None:
    given = {"partners": [{**PARTNERS[0].model_dump(mode="json"), **partner}]}
    body = is_problem(await supervisor.post("/v1/partners", json=given), 422, "invalid_field")
    assert [one["field"] for one in body["errors"]] == [field]


async def test_a_dialect_that_nobody_speaks_is_refused_by_partner(
    supervisor: httpx2.AsyncClient, is_problem: Any
) -> None:
    given = {"partners": [PARTNERS[0].model_dump(mode="json")]}
    body = is_problem(await supervisor.post("/v1/partners", json=given), 422, "directory_invalid")
    assert f"partner {PARTNERS[0].name}: dialect" in body["detail"]


async def test_one_partner_is_put_switched_paused_and_called_again(
    served: Any, supervisor: httpx2.AsyncClient, is_problem: Any
) -> None:
    await import_directory(served.ctx.store, served.ctx.clock, Directory(partners=PARTNERS[:1]), ROUTER)
    one = PARTNERS[0].model_copy(update={"enabled": False}).model_dump(mode="json")
    put = await supervisor.put(f"/v1/partners/{one['name']}", json=one)
    assert put.json() == {"version": 2, "proposed": []}
    is_problem(await supervisor.put("/v1/partners/another", json=one), 422, "bad_input")
    is_problem(await supervisor.post("/v1/partners/nobody/enable", json={"reason": "go"}), 404, "not_found")
    off = await supervisor.post(f"/v1/partners/{one['name']}/disable", json={"reason": "they move"})
    assert off.json() == {"version": 3, "proposed": []}
    assert (await supervisor.post(f"/v1/partners/{one['name']}/pause", json={"reason": "they move"})).status_code == 204
    (waits,) = (await supervisor.get("/v1/partners/waiting")).json()["items"]
    assert (waits["partner"], waits["waits"]["code"]) == (one["name"], "paused")
    assert (await supervisor.post(f"/v1/partners/{one['name']}/resume", json={"reason": "back"})).status_code == 204
    assert (await supervisor.get("/v1/partners/waiting")).json()["items"] == []


async def test_partners_that_cannot_be_reached_are_named(served: Any, supervisor: httpx2.AsyncClient) -> None:
    await import_directory(served.ctx.store, served.ctx.clock, Directory(partners=PARTNERS), ROUTER)
    found = (await supervisor.post("/v1/partners/check", json={})).json()["items"]
    assert [(one["partner"], one["ok"]) for one in found] == [(one.name, False) for one in PARTNERS]
    assert all(one["text"] for one in found)


async def test_a_partner_that_is_not_there(supervisor: httpx2.AsyncClient, is_problem: Any) -> None:
    is_problem(await supervisor.post("/v1/partners/check", json={"partner": "nobody"}), 404, "not_found")


async def test_how_far_partners_clocks_are_from_ours_is_told(supervisor: Any) -> None:
    found = (await supervisor.get("/v1/partners/clocks")).json()
    assert found["partners"] == {}
    assert found["now"].endswith("Z")


async def test_the_cases_that_waited_are_shown_and_decided_anew(
    served: Any, supervisor: httpx2.AsyncClient, is_problem: Any
) -> None:
    name = PARTNERS[0].name
    found = (await supervisor.get(f"/v1/partners/{name}/waiting-cases")).json()
    assert found == {"partner": name, "total": 0, "more": False, "items": []}
    done = await supervisor.post(f"/v1/partners/{name}/decide-waiting", json={"reason": "they have a key now"})
    assert done.json() == {"decided": 0}
    is_problem(await supervisor.post(f"/v1/partners/{name}/decide-waiting", json={}), 422, "invalid_field")
    is_problem(await supervisor.get("/v1/partners/nobody/waiting-cases"), 404, "not_found")
