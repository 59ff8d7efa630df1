"""Bad input, as it comes over HTTP: each gets a clear answer that names the field or the line; the rest is kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import httpx2
import orjson
import pytest
from sqlalchemy import func, select

from router.casework.context import Context
from router.casework.people import tokens
from router.store.schema.tables import cases, reports
from router.store.sqlite.engine import SqliteEngine
from router.world.story import HOME
from schemas.actor import ROUTER
from schemas.acts import TokenGiven
from tests.neighbours import Neighbour, neighbourhood
from tests.office import report


@asynccontextmanager
async def door(folder: Path) -> AsyncIterator[tuple[Neighbour, httpx2.AsyncClient]]:
    """A router and a client with the token of its public form."""
    async with neighbourhood(folder) as town, town.moving_in(HOME, listens=False) as home:
        token = await _token(home.router.ctx)
        transport = httpx2.ASGITransport(app=home.router.api())
        headers = {"authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(transport=transport, base_url="https://be.test", headers=headers) as client:
            yield home, client


async def _token(ctx: Context) -> str:
    return (await tokens.create_token(ctx, TokenGiven(name="form", source="form"), ROUTER)).token


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "cannot be read": ({"items": [{"location": "http://"}]}, "/items/0/location"),
    "embedded content": ({"items": [{"location": "data:image/png;base64,iVBORw0KGgo="}]}, "/items/0/location"),
    "control characters": ({"items": [{"location": "http://a\u0007.test/"}]}, "/items/0/location"),
    "ten thousand characters": ({"items": [{"location": "http://a.test/" + "x" * 10_000}]}, "/items/0/location"),
    "unknown field": ({"surprise": 1}, "/surprise"),
    "unknown country": (
        {"items": [{"location": "http://a.test/", "ways_in": {"required_country": "XX"}}]},
        "/items/0/ways_in/required_country",
    ),
    "a date in the future": ({"received_at": "2035-01-01T00:00:00Z"}, "/received_at"),
    "no items": ({"items": []}, "/items"),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_refusal_names_its_field_and_repeats_nothing(tmp_path: Path, why: str) -> None:
    more, field = REFUSED[why]
    async with door(tmp_path) as (home, client):
        answer = await client.post("/v1/reports", json=report(**more))
        (kept,) = await home.rows(select(func.count().label("n")).select_from(reports))
    problem = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in orjson.dumps(problem).decode()
    assert "iVBOR" not in answer.text
    assert kept["n"] == 0


TAKEN = {
    "a private host": ("http://192.168.1.1/", "private_address"),
    "hexadecimal IPv4": ("http://0x7f.1/", "private_address"),
    "octal IPv4": ("http://0177.0.0.1/", "private_address"),
    "an onion": ("http://expyuzz4wqqyqhjn.onion/", "onion"),
    "a magnet link": ("magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a", "magnet"),
}


@pytest.mark.parametrize("why", TAKEN)
async def test_what_has_no_host_is_taken_and_its_reason_kept(tmp_path: Path, why: str) -> None:
    location, reason = TAKEN[why]
    async with door(tmp_path) as (home, client):
        answer = await client.post("/v1/reports", json=report(items=[{"location": location}]))
        await home.turn(3)
        (case,) = await home.rows(select(cases))
        from router.casework.read import case_file

        file = await case_file.case_file(home.router.ctx, case["id"])
    assert answer.status_code == 202
    assert case["verdict"] == "no_host"
    assert file.trace is not None
    assert reason in {one.code for one in file.trace.verdict.reasons}
    assert case["state"] == "desk"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff"])
async def test_broken_json_is_a_problem_document(tmp_path: Path, body: bytes) -> None:
    async with door(tmp_path) as (_, client):
        answer = await client.post("/v1/reports", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_three_broken_lines_of_a_thousand(tmp_path: Path) -> None:
    lines = [orjson.dumps(report(f"r-{n}", f"http://many.test/{n}")) for n in range(1000)]
    lines[4], lines[499], lines[998] = b"{", orjson.dumps(report("x", "data:,x")), orjson.dumps({"source": "form"})
    async with door(tmp_path) as (home, client):
        answer = await client.post(
            "/v1/reports/batch", content=b"\n".join(lines), headers={"content-type": "application/x-ndjson"}
        )
        (kept,) = await home.rows(select(func.count().label("n")).select_from(reports))
    answers = [orjson.loads(one) for one in answer.text.splitlines()]
    assert answer.status_code == 200
    assert [one["line"] for one in answers if one["status"] != 202] == [5, 500, 999]
    assert all("problem" in one for one in answers if one["status"] != 202)
    assert sum(one["status"] == 202 for one in answers) == kept["n"] == 997


async def test_a_report_replayed_with_another_body_is_a_conflict(tmp_path: Path) -> None:
    async with door(tmp_path) as (_, client):
        first = await client.post("/v1/reports", json=report())
        again = await client.post("/v1/reports", json=report())
        other = await client.post("/v1/reports", json=report(location="http://other.test/"))
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 409)
    assert first.json() == again.json()
    assert "reference" in other.text


async def test_a_full_disk_answers_503_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    async with door(tmp_path) as (home, client):
        disk = connection_of(home)
        disk.pragma("max_page_count", disk.pragma("page_count") + 60)  # SQLite's own "disk is full"
        answers = [await client.post("/v1/reports", json=report(f"r-{n}", f"http://a.test/{n}")) for n in range(200)]
        lines = b"\n".join(orjson.dumps(report(f"l-{n}", f"http://b.test/{n}", memo="x" * 3000)) for n in range(50))
        batch = await client.post("/v1/reports/batch", content=lines, headers={"content-type": "application/x-ndjson"})
        disk.pragma("max_page_count", 2**31)
        found = {row["id"] for row in await home.rows(select(reports.c.id))}
        again = await client.post("/v1/reports", json=report("r-199", "http://a.test/199"))
    taken = {one.json()["id"] for one in answers if one.status_code == 202}
    refused = [one for one in answers if one.status_code != 202]
    assert taken == found
    assert refused
    assert {one.status_code for one in refused} == {503}
    assert all(int(one.headers["retry-after"]) > 0 and one.json()["reason"] == "disk_full" for one in refused)
    assert {orjson.loads(one)["status"] for one in batch.text.splitlines()} == {503}
    assert again.status_code == 202


def connection_of(home: Neighbour) -> apsw.Connection:
    """Return the connection that writes."""
    engine = home.router.store._engine
    assert isinstance(engine, SqliteEngine)
    return engine._db
