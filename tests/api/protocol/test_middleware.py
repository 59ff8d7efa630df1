import io
import time
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import Response

from router.api.protocol import problems
from router.api.protocol.middleware import HEADERS, Surround
from router.errors import NotFound
from router.guard.log import set_up

CANARY = "canary-5512.example"


@pytest.fixture
def seen() -> list[tuple[str, str, int, float]]:
    return []


@pytest.fixture
def app(seen: list[tuple[str, str, int, float]]) -> FastAPI:
    app = FastAPI()
    app.add_middleware(Surround, observe=lambda *figures: seen.append(figures))
    problems.install(app)

    @app.get("/fine/{thing}")
    async def fine(thing: str) -> str:
        return thing

    @app.get("/page")
    async def page() -> Response:
        return Response("x", headers={"content-security-policy": "default-src 'self'"})

    @app.get("/ours")
    async def ours() -> None:
        raise NotFound("No such thing.")

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError(f"cannot connect to https://{CANARY}/x")

    return app


async def get(app: FastAPI, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://router.test") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/fine/x", "/ours", "/nowhere", "/broken"])
async def test_every_answer_has_the_safe_headers(app: FastAPI, path: str) -> None:
    answer = await get(app, path)
    for name, value in HEADERS:
        assert answer.headers[name.decode()] == value.decode()


async def test_a_page_keeps_its_own_policy(app: FastAPI) -> None:
    answer = await get(app, "/page")
    assert answer.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_a_fault_of_ours_tells_nothing_but_where_to_ask(app: FastAPI, log_restored: None) -> None:
    stream = io.StringIO()
    set_up(stream)
    answer = await get(app, "/broken")
    body = answer.json()
    assert (answer.status_code, body["reason"]) == (500, "internal_error")
    assert CANARY not in answer.text
    assert CANARY not in stream.getvalue()
    assert body["request"] in stream.getvalue()
    assert '"error": "ValueError"' in stream.getvalue()


async def test_each_request_has_its_own_id(app: FastAPI) -> None:
    ids = {(await get(app, "/ours")).json()["request"] for _ in range(3)}
    assert len(ids) == 3


async def test_figures_name_the_route_and_not_what_was_asked(app: FastAPI, seen: list[Any]) -> None:
    begun = time.perf_counter()
    for path in (f"/fine/{CANARY}", "/ours", f"/{CANARY}", "/broken"):
        await get(app, path)
    assert [figures[:3] for figures in seen] == [
        ("/fine/{thing}", "GET", 200),
        ("/ours", "GET", 404),
        ("(none)", "GET", 404),
        ("/broken", "GET", 500),
    ]
    assert 0 < sum(figures[3] for figures in seen) <= time.perf_counter() - begun


async def test_other_connections_pass_untouched() -> None:
    passed = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        passed.append(scope["type"])

    await Surround(inner, lambda *_: None)({"type": "lifespan"}, None, None)  # type: ignore[arg-type] # not used
    assert passed == ["lifespan"]


async def test_a_fault_after_the_answer_began_ends_the_request() -> None:
    sent: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError

    async def send(message: Any) -> None:
        sent.append(message)

    seen: list[Any] = []
    scope = {"type": "http", "method": "GET", "path": "/"}
    await Surround(inner, lambda *figures: seen.append(figures))(scope, None, send)  # type: ignore[arg-type] # no body
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert seen[0][2] == 200
