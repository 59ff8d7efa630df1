"""`/v1/release`, and what a probe hears of a router that was put back."""

from typing import Any

import httpx2

from router.casework.govern.paused import Paused
from router.store.base import Add, Transition
from router.store.schema.tables import meta


async def test_a_router_that_was_put_back_says_so_and_is_released_by_two(
    served: Any, supervisor: httpx2.AsyncClient, is_problem: Any
) -> None:
    assert not (await supervisor.get("/v1/release")).json()["paused"]
    is_problem(await supervisor.post("/v1/release", json={}), 409, "not_paused")
    now = served.ctx.now()
    name, value = Paused(point=now - 1, restored_at=now).mark()
    await served.ctx.store.commit(Transition(now, adds=[Add(meta, {"name": name, "value": value})]))
    ready = await supervisor.get("/readyz")
    assert is_problem(ready, 503, "paused")["detail"] == (await supervisor.get("/v1/release")).json()["text"]
    assert ready.headers["retry-after"] == "60"
    is_problem(await supervisor.post("/v1/release", json={}), 422, "no_ledger")
    proposed = (await supervisor.post("/v1/release", json={"reason": "x"})).json()["proposed"]
    (seen,) = (await supervisor.get("/v1/proposals")).json()["items"]
    assert (proposed, seen["subject"]) == (["release"], "release")
    is_problem(await supervisor.post("/v1/proposals/release/confirm", json={"id": seen["id"]}), 403, "same_person")
    assert (await supervisor.get("/v1/release")).json()["paused"]
