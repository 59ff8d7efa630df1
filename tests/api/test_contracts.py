"""The shape of answers, word for word, as scripts and partners rely on them (tests/contracts/*.json)."""

import json
from typing import Any

import httpx2

from schemas.actor import Role
from tests.golden import golden, named
from tests.office import line, report

ASSESSED = {"value": "baseline", "assessed_by": "anna", "assessed_at": "2026-11-22T08:59:00Z"}


def shown(*answers: httpx2.Response) -> list[dict[str, Any]]:
    """Each answer by its request, with ids numbered over all of them."""
    whole = []
    for one in answers:
        lines = one.headers.get("content-type", "").startswith("application/x-ndjson")
        body = [json.loads(text) for text in one.text.splitlines()] if lines else (one.json() if one.content else None)
        whole.append(
            {
                "request": f"{one.request.method} {one.request.url.path}",
                "status": one.status_code,
                "type": one.headers.get("content-type"),
                "body": body,
            }
        )
    found: list[dict[str, Any]] = json.loads(named(json.dumps(whole)))
    return found


async def test_the_way_of_a_report(served: Any, source: httpx2.AsyncClient, supervisor: httpx2.AsyncClient) -> None:
    taken = await supervisor.post("/v1/reports", json=report(source="analysts", assessment=ASSESSED))
    case = taken.json()["items"][0]["case"]
    batch = await source.post("/v1/reports/batch", content=line("b-1", "http://10.0.0.1/") + b"{broken\n" + line("b-1"))
    listed = await supervisor.get("/v1/cases")
    sent = await supervisor.post(f"/v1/cases/{case}/refer", json={"reason": "surely Dutch", "partner": "hotline-nl"})
    recalled = await supervisor.post(f"/v1/referrals/{sent.json()['id']}/recall", json={"reason": "wrong page"})
    whole = await supervisor.get(f"/v1/cases/{case}")
    read = await source.get(f"/v1/reports/{json.loads(batch.text.splitlines()[0])['id']}")
    golden("report", shown(taken, batch, listed, sent, recalled, whole, read))


async def test_locate(analyst: httpx2.AsyncClient) -> None:
    inputs = ["https://example.test/page", "http://10.0.0.1/", "data:text/html,x"]
    golden("locate", shown(await analyst.post("/v1/locate", json={"inputs": inputs})))


async def test_problems(served: Any, source: httpx2.AsyncClient, analyst: httpx2.AsyncClient, unknown: str) -> None:
    async with served.client() as stranger:
        found = [
            await stranger.get("/v1/cases"),
            await source.get("/v1/cases"),
            await analyst.get(f"/v1/cases/{unknown}"),
            await analyst.put("/v1/cases"),
            await analyst.get("/v1/nothing"),
            await source.post("/v1/reports", content=b"{broken"),
            await source.post("/v1/reports", json=report(urgency="very", colour="red")),
            await source.post("/v1/reports", json=report(), headers={"idempotency-key": "unquoted"}),
            await source.post("/v1/reports", content=b"{}", headers={"content-length": "99999999"}),
            await stranger.post("/v1/inbox/referrals", content=b"{}"),
        ]
    golden("problems", shown(*found))


async def test_tokens_and_figures(served: Any, source: httpx2.AsyncClient) -> None:
    await source.post("/v1/reports", json=report())
    async with await served.as_role(Role.ADMINISTRATOR) as administrator:
        made = await administrator.post("/v1/tokens", json={"name": "intake", "source": "form", "days": 30})
        found = shown(made, await administrator.get("/v1/tokens"), await administrator.get("/v1/stats"))
    golden("operation", found)
