"""Whatever is damaged in one row, or odd in one value: the others are listed, taken and answered as before."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from router.api import make_api
from router.api.protocol.access import IN_PROCESS
from router.casework.deliver.stops import stop
from router.casework.desk import case_acts
from router.guard.access import Permission
from router.store.base import Change, Transition
from router.store.schema.tables import audit, case_keys, cases, decisions, items
from schemas.actor import Actor
from tests.casebook import ANNA, FORM, Casebook, casebook
from tests.office import line

EVERYTHING = Actor(id="source:form", source=None, permissions=frozenset(str(one) for one in Permission))
#: (table, the column that names the row, the column that is damaged), and the lists that must go on.
SPOTS = {
    "sealed": (cases, "id", "sealed"),
    "key": (case_keys, "case_id", "wrapped"),
    "item": (items, "case_id", "sealed"),
    "decision": (decisions, "case_id", "decision"),
    "facts": (decisions, "case_id", "facts"),
    "entry": (audit, "case_id", "detail"),
    "typed": (audit, "case_id", "sealed"),
}
LISTS = ("/v1/cases", "/v1/cases/desk", "/v1/referrals", "/v1/audit", "/v1/stop", "/v1/stats")


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[Casebook]:
    async with casebook(tmp_path) as opened:
        yield opened


def calling(app: FastAPI) -> httpx2.AsyncClient:
    """A client who may do everything, as a verb on this machine may."""

    async def allowed(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, IN_PROCESS: EVERYTHING}, receive, send)

    return httpx2.AsyncClient(transport=httpx2.ASGITransport(allowed), base_url="http://router.test")


async def damage(book: Casebook, spot: str, case_id: str, value: Any) -> None:
    table, named, column = SPOTS[spot]
    values = {column: value.decode("latin-1") if column in {"detail", "decision", "facts"} else value}
    key: dict[str, Any] = {named: case_id}
    if table is audit:  # one entry: the last one that a person typed
        rows = await book.ctx.store.rows(select(audit).where(audit.c.case_id == case_id, audit.c.sealed.is_not(None)))
        key = {"epoch": rows[-1]["epoch"], "seq": rows[-1]["seq"]}
    await book.ctx.store.commit(Transition(book.ctx.now(), changes=(Change(table, key, values),)))


@pytest.mark.parametrize("value", [b"", b"\x00", b"x" * 60, b"{}", b"[1]"], ids=repr)
@pytest.mark.parametrize("spot", SPOTS)
@pytest.mark.parametrize("judged", [False, True], ids=["to be decided", "decided"])
async def test_a_damaged_row_is_shown_as_that_and_the_others_as_they_are(
    book: Casebook, spot: str, value: bytes, judged: bool
) -> None:
    good = await book.decided("https://good.test/", "r-1", actor=FORM)
    bad = await book.decided("https://bad.test/", "r-2", actor=FORM)
    for case_id in (good, bad):
        await case_acts.retrace(book.ctx, case_id, ANNA, "look again")
        if judged:  # what is proposed of it is read from what was decided
            await book.step(case_id, 2)
    await stop(book.ctx, "all", ANNA, "a drill")
    app = make_api(book.ctx)
    async with calling(app) as client:
        before = {path: (await client.get(path)).json() for path in LISTS}
        await damage(book, spot, bad, value)
        for path in LISTS:
            answer = await client.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert len(answer.json().get("items", ())) == len(before[path].get("items", ())), path
        listed = {one["id"]: one for one in (await client.get("/v1/cases")).json()["items"]}
        assert listed[good]["masked"] == "hxxps://g•••[.]test/"
        assert listed[bad]["damaged"] is (spot in {"sealed", "key"})
        assert (await client.get(f"/v1/cases/{good}")).status_code == 200
        assert (await client.get(f"/v1/cases/{bad}")).json().get("reason", "damaged") == "damaged"


async def test_a_report_for_a_damaged_case_is_refused_and_the_rest_of_its_batch_is_taken(book: Casebook) -> None:
    bad = await book.decided("https://bad.test/", "r-0", actor=FORM)
    await damage(book, "key", bad, b"x" * 60)
    body = line("r-1", "https://good.test/") + line("r-2", "https://bad.test/") + line("r-3", "https://other.test/")
    async with calling(make_api(book.ctx)) as client:
        answer = await client.post("/v1/reports/batch", content=body)
        found = [json.loads(one) for one in answer.text.splitlines()]
        assert [one["status"] for one in found] == [202, 500, 202]
        assert found[1]["problem"]["reason"] == "damaged"


def parameters(app: FastAPI) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """(method, path, its parameters, those of the query) of every route."""
    found = []
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if dependant is None or context.path is None or "rest:path" in context.path:
            continue
        inside = tuple(one.name for one in dependant.path_params)
        query = tuple(one.name for one in dependant.query_params)
        found += [(method, context.path, inside, query) for method in sorted(context.methods or ()) if inside or query]
    return found


#: What a parameter of an address can be that no form of ours makes.
FORMS = (
    "%00", "%ff", "a%00b", "9" * 19, "9" * 400, "-1", "%F0%9F%92%A9", "%E2%80%AE", "%EF%BC%91", "..", "%2e%2e",
    "0_%00_0", "1_x_" + "9" * 30, "', --", "%ED%A0%80", "a" * 3000,
)  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
ODD = st.sampled_from(FORMS) | ANY_TEXT.map(lambda text: "".join(f"%{byte:02x}" for byte in text.encode()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(value=ODD)
@example(value=f"{2**63}_x_1")
@example(value=f"1_x_{2**63}")
@example(value="%00")
async def test_an_odd_value_in_an_address_is_refused_with_a_reason(book: Casebook, value: str) -> None:
    app = make_api(book.ctx)
    async with calling(app) as client:
        for method, path, inside, query in parameters(app):
            where = path
            for name in inside:
                where = where.replace(f"{{{name}}}", value)
            asked = "&".join(f"{name}={value}" for name in query)
            answer = await client.request(method, f"{where}?{asked}", content=b"{}" if method == "POST" else None)
            assert answer.status_code < 500, (method, path, answer.text)
            if answer.status_code >= 400:
                assert answer.json()["reason"], (method, path)
