"""The demo's staff reach the story's partners, by name and over TLS, and nobody else."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from router.demo.client import Client, Line
from router.errors import Conflict, RouterError, Unavailable
from router.world.ca import Authority
from router.world.story import SITES

SITE = SITES[1]


class Server:
    """What a partner's API answers, as the test says; `asked` is what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, bytes]] = []
        self.answers: dict[str, web.Response] = {}

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path_qs, request.headers["Authorization"], await request.read()))
        return self.answers[request.path_qs]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[Server, Client]]:
    authority = Authority(tmp_path)
    answering = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answering.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=authority.issue(SITE.host).server_context()).start()
    async with Line({SITE.address: runner.addresses[0][1]}, authority.certificate) as line:
        yield answering, Client(line, SITE.host, "secret-token")
    await runner.cleanup()


def as_json(body: object, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


async def test_it_reads_with_its_token(server: tuple[Server, Client]) -> None:
    partner, client = server
    partner.answers["/v1/cases/1"] = as_json({"id": "1"})
    assert await client.get("/v1/cases/1") == {"id": "1"}
    assert partner.asked == [("GET", "/v1/cases/1", "Bearer secret-token", b"")]


async def test_it_sends_json_and_takes_an_empty_answer(server: tuple[Server, Client]) -> None:
    partner, client = server
    partner.answers["/v1/cases/1/close"] = web.Response(status=204)
    assert await client.post("/v1/cases/1/close", {"reason": "why"}) is None
    assert json.loads(partner.asked[0][3]) == {"reason": "why"}


async def test_it_sends_lines_and_reads_lines(server: tuple[Server, Client]) -> None:
    partner, client = server
    partner.answers["/v1/reports/batch"] = web.Response(text='{"line": 1}\n{"line": 2}\n')
    assert await client.send_lines("/v1/reports/batch", b"{}\n{}\n") == [{"line": 1}, {"line": 2}]


async def test_it_reads_all_pages(server: tuple[Server, Client]) -> None:
    partner, client = server
    partner.answers["/v1/cases?limit=2"] = as_json({"items": [1, 2], "next": "abc"})
    partner.answers["/v1/cases?limit=2&cursor=abc"] = as_json({"items": [3], "next": None})
    assert await client.pages("/v1/cases?limit=2") == [1, 2, 3]


@pytest.mark.parametrize(("status", "error"), [(409, Conflict), (422, RouterError)])
async def test_a_problem_is_raised_with_its_sentence(
    server: tuple[Server, Client], status: int, error: type[RouterError]
) -> None:
    partner, client = server
    partner.answers["/v1/cases/1"] = as_json({"detail": "It moved on; read it again."}, status)
    with pytest.raises(error, match="read it again"):
        await client.get("/v1/cases/1")


async def test_a_problem_without_a_sentence_names_its_status(server: tuple[Server, Client]) -> None:
    partner, client = server
    partner.answers["/v1/cases/1"] = web.Response(status=502, text="<html>bad gateway</html>")
    with pytest.raises(RouterError, match="502"):
        await client.get("/v1/cases/1")


@pytest.mark.parametrize("host", ["pages.tulip.test", "unheard-of.test", SITES[2].host])
async def test_it_reaches_nobody_else(server: tuple[Server, Client], host: str) -> None:
    _, client = server
    with pytest.raises(Unavailable):
        await Client(client._line, host, "t").get("/")
