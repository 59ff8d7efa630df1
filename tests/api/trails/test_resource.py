"""Trails over HTTP: asked for, confirmed among the proposals by another, taken once they are made."""

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router.console.trail.paper import HousePapers
from schemas.actor import Role
from tests.office import report, token_for


@pytest.fixture
async def two(served: Any) -> tuple[httpx2.AsyncClient, httpx2.AsyncClient]:
    """Two supervisors of a house that signs."""
    served.ctx = served.app.state.ctx = replace(served.ctx, house=HousePapers(Ed25519PrivateKey.generate()))
    anna, bob = [await token_for(served.ctx, Role.SUPERVISOR, name) for name in ("anna", "bob")]
    return served.client(anna), served.client(bob)


async def test_one_asks_another_confirms_and_it_is_taken(two: tuple[httpx2.AsyncClient, httpx2.AsyncClient]) -> None:
    anna, bob = two
    case = (await anna.post("/v1/reports", json=report())).json()["items"][0]["case"]
    order = {"case": case, "order": "BR.1/26", "court": "the court", "language": "de"}
    asked = await anna.post("/v1/trails", json=order)
    one = asked.json()
    assert (asked.status_code, one["order"], one["language"]) == (201, "BR.1/26", "de")
    early = await anna.post(f"/v1/trails/{one['id']}/papers", json={})
    assert (early.status_code, early.json()["reason"]) == (409, "not_now")
    seen = {"id": one["proposal"]}
    own = await anna.post(f"/v1/proposals/trail:{one['id']}/confirm", json=seen)
    assert own.status_code == 403
    assert (await bob.post(f"/v1/proposals/trail:{one['id']}/confirm", json=seen)).status_code == 200
    listed = (await bob.get("/v1/trails")).json()
    assert ([kept["agreed_by"] for kept in listed["items"]], len(listed["key"])) == (["person:bob"], 64)
    papers = (await bob.post(f"/v1/trails/{one['id']}/papers", json={"names": True})).json()["files"]
    files = {file["name"]: b64decode(file["content"]) for file in papers}
    assert json.loads(files["trail.json"])["case"]["id"] == case
    assert files["trail.txt"].decode().startswith("VERLAUF EINES FALLS")
    assert json.loads(files["names.json"])["names"] == {"S1": "anna", "S2": "bob"}


async def test_what_cannot_be_is_refused_by_name(
    two: tuple[httpx2.AsyncClient, httpx2.AsyncClient], unknown: str
) -> None:
    anna, _ = two
    order = {"case": unknown, "order": "BR.1/26", "court": "the court", "language": "nl"}
    assert (await anna.post("/v1/trails", json=order)).status_code == 404
    assert (await anna.post("/v1/trails", json=order | {"language": "es"})).status_code == 422
    assert (await anna.post(f"/v1/trails/{unknown}/papers", json={})).status_code == 404
