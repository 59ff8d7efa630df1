"""Erasing and holding over HTTP: by whoever may, counted, recorded; a hold wants a reason."""

from datetime import timedelta
from typing import Any

import httpx2

from router.casework.desk import case_acts
from router.store.base import Add, Transition
from router.store.ids import new_id
from router.store.schema.tables import erasures
from schemas.actor import Role
from schemas.retention import Retention
from schemas.vocabulary import Outcome
from tests.office import line, person


async def _closed(served: Any, supervisor: httpx2.AsyncClient) -> str:
    taken = await supervisor.post("/v1/reports/batch", content=line())
    assert taken.status_code == 200
    (case,) = (await supervisor.get("/v1/cases")).json()["items"]
    await case_acts.close(served.ctx, case["id"], person("anna", Role.SUPERVISOR), "gone", outcome=Outcome.REMOVED)
    return str(case["id"])


async def test_what_is_due_is_counted_erased_and_recorded(served: Any, supervisor: httpx2.AsyncClient) -> None:
    case_id = await _closed(served, supervisor)
    periods = Retention(handles="10d", urls="20d", cases="90d", audit="90d")
    rules = served.ctx.governance
    rules.policy_ = rules.policy_.model_copy(update={"retention": periods})
    assert (await supervisor.post("/v1/purge", json={})).json()["erased"] == {}
    assert (await supervisor.post("/v1/holds", json={"case": case_id, "reason": "a court"})).status_code == 201
    served.ctx.clock.advance(timedelta(days=30))
    said = (await supervisor.post("/v1/purge", json={})).json()
    assert (said["erased"], said["held"]) == ({}, {"legal_hold": 1})
    assert [one["case"] for one in (await supervisor.get("/v1/holds")).json()["items"]] == [case_id]
    assert (await supervisor.post(f"/v1/holds/{case_id}/end", json={"reason": "done"})).status_code == 204
    served.ctx.clock.advance(timedelta(days=30))
    assert (await supervisor.post("/v1/purge", json={"dry_run": True})).json()["erased"] == {"urls": 1}
    assert (await supervisor.post("/v1/purge", json={})).json()["erased"] == {"urls": 1}
    (record,) = (await supervisor.get("/v1/purge")).json()["items"]
    assert (record["kept"], record["cases"], record["outcomes"]) == ("urls", 1, {"removed": 1})


async def test_the_record_is_read_by_pages_with_its_total(served: Any, supervisor: httpx2.AsyncClient) -> None:
    for n in range(3):
        row = {"id": new_id(), "at": n, "by": "person:anna", "kept": "urls", "cases": n}
        row["detail"] = '{"outcome": {}, "source": {}, "country": {}}'
        await served.ctx.store.commit(Transition(0, adds=[Add(erasures, row)]))
    first = (await supervisor.get("/v1/purge", params={"limit": 2})).json()
    assert ([one["cases"] for one in first["items"]], first["total"], first["more"]) == ([2, 1], 3, False)
    last = (await supervisor.get("/v1/purge", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([one["cases"] for one in last["items"]], last["total"], last["next"]) == ([0], 3, None)
    assert len((await supervisor.get("/v1/purge")).json()["items"]) == 3
    for odd in ({"cursor": new_id()}, {"cursor": "x"}, {"limit": 0}, {"limit": 1001}):
        assert (await supervisor.get("/v1/purge", params=odd)).status_code == 422


async def test_a_hold_wants_a_reason(supervisor: httpx2.AsyncClient) -> None:
    given = {"case": "01999999-0000-7000-8000-000000000000"}
    assert (await supervisor.post("/v1/holds", json=given)).status_code == 422
    assert (await supervisor.post("/v1/holds", json=given | {"reason": "a court"})).status_code == 404
