"""The register over HTTP: opened by one, agreed to by another, searched by the officer alone."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from schemas.actor import Role
from tests.api.conftest import Served

LETTER = "folder 7"
BODY = {
    "kind": "erasure",
    "received_on": "2026-11-20",
    "asked_by": LETTER,
    "terms": [{"kind": "url", "what": "https://example.test/page"}],
}


@pytest.fixture
async def officer(served: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with await served.as_role(Role.OFFICER) as client:
        yield client


async def test_opened_agreed_to_searched_and_closed(
    served: Served, officer: httpx2.AsyncClient, supervisor: httpx2.AsyncClient, analyst: httpx2.AsyncClient
) -> None:
    made = await officer.post("/v1/requests", json=BODY)
    assert (made.status_code, made.json()["due_on"]) == (201, "2026-12-21")
    one = made.json()["id"]
    assert (await officer.post(f"/v1/requests/{one}/search")).status_code == 409
    assert (await officer.post(f"/v1/requests/{one}/agree")).status_code == 403
    (listed,) = (await supervisor.get("/v1/requests")).json()["items"]
    assert (listed["id"], LETTER in str(listed), "example" in str(listed)) == (one, False, False)
    assert (await supervisor.get(f"/v1/requests/{one}")).json()["asked_by"] == LETTER
    assert (await supervisor.post(f"/v1/requests/{one}/agree")).json()["state"] == "agreed"
    assert (await officer.post(f"/v1/requests/{one}/search")).json() == {
        "request": one, "hits": [], "more": False, "unindexed": 0,
    }  # fmt: skip
    assert (await supervisor.post(f"/v1/requests/{one}/search")).status_code == 403
    assert (await analyst.get("/v1/requests")).status_code == 403
    longer = await officer.post(f"/v1/requests/{one}/extend", json={"reason": "many accounts"})
    assert longer.json()["due_on"] == "2027-02-22"
    closed = await officer.post(f"/v1/requests/{one}/close", json={"outcome": "not_concerned", "reason": "told"})
    assert (closed.json()["state"], closed.json()["outcome"]) == ("closed", "not_concerned")
    assert (await officer.get("/v1/requests")).json()["items"] == []
    assert len((await officer.get("/v1/requests?closed=true")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"received_on": "2026-11-23"}, "received_on"),
        ({"terms": []}, "/terms"),
        ({"terms": [{"kind": "account", "what": "x"}]}, "/terms/0"),
        ({"terms": [{"kind": "host", "what": "no host"}]}, "/terms/0/what"),
        ({"kind": "portability"}, "/kind"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_repeated(
    officer: httpx2.AsyncClient, more: dict[str, Any], field: str
) -> None:
    refused = await officer.post("/v1/requests", json=BODY | more)
    assert refused.status_code == 422
    assert field in str(refused.json())
    assert "no host" not in refused.text


async def test_one_that_is_not_there(officer: httpx2.AsyncClient, unknown: str) -> None:
    assert (await officer.get(f"/v1/requests/{unknown}")).status_code == 404
    for act in ("agree", "search"):
        assert (await officer.post(f"/v1/requests/{unknown}/{act}")).status_code == 404
