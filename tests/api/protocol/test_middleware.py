import io
import time
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from router.api.protocol import problems
from router.api.protocol.middleware import HEADERS, Surround
from router.api.protocol.room import SHARE, Room
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


class Wire:
    """One request as a server hands it over, and what comes back; `parts` come as they are asked for."""

    def __init__(self, *parts: bytes, scheme: str = "http", **headers: str) -> None:
        self.parts, self.sent, self.taken = list(parts), list[Any](), 0
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.scope = {"type": "http", "method": "POST", "path": "/", "scheme": scheme, "headers": named}

    async def receive(self) -> Any:
        part = self.parts.pop(0)
        self.taken += len(part)
        return {"type": "http.request", "body": part, "more_body": bool(self.parts)}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def through(self, inner: Any, **more: Any) -> dict[bytes, bytes]:
        await Surround(inner, lambda *_: None, **more)(self.scope, self.receive, self.send)
        return dict(self.sent[0]["headers"])


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def test_over_tls_browsers_are_told_to_stay_there() -> None:
    assert b"strict-transport-security" not in await Wire(content_length="0").through(refuses)
    assert b"max-age" in (await Wire(scheme="https").through(refuses))[b"strict-transport-security"]


@pytest.mark.parametrize(
    ("parts", "headers", "closes"),
    [
        ((), {}, False),
        ((), {"content_length": "0"}, False),
        ((b"a",), {"content_length": "1"}, True),
        ((b"x" * 50_000,) * 1000, {"transfer_encoding": "chunked"}, True),
        ((b"a",), {"content_length": "1", "expect": "100-continue"}, True),
    ],
)
async def test_a_refused_request_with_a_body_ends_its_connection_and_none_of_it_is_read(
    parts: tuple[bytes, ...], headers: dict[str, str], closes: bool
) -> None:
    wire = Wire(*parts, **headers)
    found = await wire.through(refuses)
    assert (found.get(b"connection") == b"close") is closes
    assert wire.taken == 0


async def test_a_body_that_was_read_leaves_the_connection_open() -> None:
    async def reads(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass
        await refuses(scope, receive, send)

    assert b"connection" not in await Wire(*[b"x" * 50_000] * 100, content_length="5000000").through(reads)


async def test_who_hangs_up_is_no_fault_of_ours(log_restored: None) -> None:
    async def cut(scope: Any, receive: Any, send: Any) -> None:
        raise ClientDisconnect

    stream, seen = io.StringIO(), list[Any]()
    set_up(stream)
    wire = Wire()
    await Surround(cut, lambda *figures: seen.append(figures))(wire.scope, wire.receive, wire.send)
    assert (seen[0][2], wire.sent, stream.getvalue()) == (499, [], "")


async def test_what_a_request_held_is_given_back_however_it_ends() -> None:
    room = Room()

    async def holds(scope: Any, receive: Any, send: Any) -> None:
        scope[SHARE].take(1000)
        assert room.held == 1000
        raise ValueError

    await Wire().through(holds, room=room)
    assert room.held == 0
