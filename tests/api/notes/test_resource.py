"""Notes over HTTP: kept by who works at the desk, read in the case's timeline."""

import httpx2

from tests.office import report


async def test_a_note_stands_in_the_timeline(analyst: httpx2.AsyncClient, unknown: str) -> None:
    case = (await analyst.post("/v1/reports", json=report())).json()["items"][0]["case"]
    assert (await analyst.post("/v1/notes", json={"case": case, "note": "call them"})).status_code == 204
    timeline = (await analyst.get(f"/v1/cases/{case}")).json()["timeline"]
    assert [(one["act"], one.get("typed")) for one in timeline][-1] == ("case.noted", "call them")
    assert (await analyst.post("/v1/notes", json={"case": unknown, "note": "x"})).status_code == 404
    assert (await analyst.post("/v1/notes", json={"case": case, "note": ""})).status_code == 422
    assert (await analyst.post("/v1/notes", json={"case": case, "note": "x" * 4001})).status_code == 422
