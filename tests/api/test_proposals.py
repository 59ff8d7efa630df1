"""Proposals over the API: shown to who reads partners, settled by who changes them, where alarms go to these only."""

from typing import Any

import httpx2
import pytest

from router.casework.govern.versions import import_directory
from schemas.actor import ROUTER, Role
from schemas.partner import Directory
from tests.office import PARTNERS

OFF = tuple(one.model_copy(update={"enabled": False}) for one in PARTNERS)


@pytest.fixture
async def proposed(served: Any, supervisor: httpx2.AsyncClient) -> dict[str, Any]:
    await import_directory(served.ctx.store, served.ctx.clock, Directory(partners=OFF), ROUTER)
    one = OFF[0].model_copy(update={"countries": ("NL", "DE")}).model_dump(mode="json")
    answer = await supervisor.put(f"/v1/partners/{one['name']}", json=one)
    assert answer.json() == {"version": 1, "proposed": ["partner:hotline-nl"]}
    (found,) = (await supervisor.get("/v1/proposals")).json()["items"]
    return dict(found)


async def test_shown_refused_to_its_author_and_confirmed(
    served: Any, supervisor: httpx2.AsyncClient, proposed: dict[str, Any], is_problem: Any
) -> None:
    assert proposed["by"] == "person:a-supervisor"
    assert proposed["changes"] == [{"field": "countries", "was": '["NL"]', "becomes": '["NL","DE"]'}]
    confirm = "/v1/proposals/partner:hotline-nl/confirm"
    is_problem(await supervisor.post(confirm, json={}), 403, "same_person")
    async with await served.as_role(Role.ADMINISTRATOR) as second:
        is_problem(await second.post(confirm, json={"id": "another"}), 409, "replaced_meanwhile")
        assert (await second.post(confirm, json={"id": proposed["id"]})).json() == {"version": 2, "proposed": []}
        is_problem(await second.post(confirm, json={}), 404, "not_found")


async def test_taken_back(
    served: Any, supervisor: httpx2.AsyncClient, proposed: dict[str, Any], is_problem: Any
) -> None:
    assert (await supervisor.post(f"/v1/proposals/{proposed['subject']}/withdraw", json={})).status_code == 204
    assert (await supervisor.get("/v1/proposals")).json()["items"] == []


async def test_a_glass_that_nobody_hears_or_nobody_gives_a_reason_for(
    supervisor: httpx2.AsyncClient, proposed: dict[str, Any], is_problem: Any
) -> None:
    glass = f"/v1/proposals/{proposed['subject']}/break-glass"
    is_problem(await supervisor.post(glass, json={}), 422, "invalid_field")
    is_problem(await supervisor.post(glass, json={"reason": "nobody is there"}), 409, "nobody_hears")


async def test_where_alarms_go_is_for_who_may_change_it(served: Any, supervisor: httpx2.AsyncClient) -> None:
    url = "https://ring.example/secret"
    assert (await supervisor.post("/v1/alarm", json={"webhook": [{"url": url}]})).json()["proposed"] == ["alarm"]
    assert url in (await supervisor.get("/v1/proposals")).text
    async with await served.as_role(Role.VIEWER) as viewer:
        answer = await viewer.get("/v1/proposals")
    assert [one["subject"] for one in answer.json()["items"]] == ["alarm"]
    assert url not in answer.text


@pytest.mark.parametrize("subject", ["nobody", "partner:", "partner:Not A Name", "accounts"])
async def test_what_is_no_subject(supervisor: httpx2.AsyncClient, subject: str) -> None:
    assert (await supervisor.post(f"/v1/proposals/{subject}/confirm", json={})).status_code in {404, 422}
