"""Viewing sessions over HTTP: begun with their file, brought back as a table, ended."""

from base64 import b64decode
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from router.casework.case.record import case_row
from router.casework.context import Context
from router.worker.steps import advance
from schemas.actor import Role
from schemas.viewing import ViewingMade
from tests.casework.desk.viewing.rooms import OpenRoom, filled
from tests.office import report, token_for


@pytest.fixture
async def bert(served: Any) -> httpx2.AsyncClient:
    served.ctx = served.app.state.ctx = replace(served.ctx, room=OpenRoom())
    return served.client(await token_for(served.ctx, Role.ANALYST, "bert"))  # type: ignore[no-any-return] # of `Served`


async def on_desk(ctx: Context, case: str) -> None:
    while (row := await case_row(ctx, case))["state"] != "desk":
        await advance(ctx, row)


async def test_what_is_taken_comes_back_as_a_table(served: Any, bert: httpx2.AsyncClient) -> None:
    case = (await bert.post("/v1/reports", json=report())).json()["items"][0]["case"]
    nothing = await bert.post("/v1/viewings", json={})
    assert (nothing.status_code, nothing.json()["reason"]) == (409, "nothing_to_take"), "it is not on the desk yet"
    await on_desk(served.ctx, case)
    begun = await bert.post("/v1/viewings", json={"cases": [case]})
    made = ViewingMade.model_validate_json(begun.content)
    assert (begun.status_code, made.session.lines, b64decode(made.file or "")[:2]) == (201, 1, b"PK")
    name = made.session.name
    assert [one["name"] for one in (await bert.get("/v1/viewings")).json()["items"]] == [name]
    answers = (
        await bert.post("/v1/viewings/results", json={"table": filled(made, {"assessment": "not_illegal"})})
    ).json()
    assert [(one["done"], one["case"]) for one in answers["items"]] == [(True, case)]
    shown = (await bert.get(f"/v1/viewings/{name}")).json()
    assert (shown["session"]["ended_as"], shown["lines"][0]["done"]) == ("closed", True)
    assert (await bert.post(f"/v1/viewings/{name}/close")).status_code == 409
    assert (await bert.post(f"/v1/viewings/{name}/lost", json={})).status_code == 422
    lost = await bert.post(f"/v1/viewings/{name}/lost", json={"reason": "left on a train"})
    assert (lost.status_code, lost.json()["session"]["ended_as"]) == (200, "lost")


async def test_what_is_no_session_or_no_table_is_refused(bert: httpx2.AsyncClient) -> None:
    assert (await bert.get("/v1/viewings/S-BCDFGHJ")).status_code == 404
    assert (await bert.get("/v1/viewings/other")).status_code == 422
    assert (await bert.post("/v1/viewings/results", json={"table": "x"})).status_code == 422
    large = await bert.post("/v1/viewings/results", json={"table": "x" * 1_100_000})
    assert large.status_code == 413
