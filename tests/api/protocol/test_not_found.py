from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from router.api import make_api


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/", "/v1/cases/a/b/c/d"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
async def test_nothing_here_is_a_problem(served: Any, is_problem: Any, method: str, path: str) -> None:
    async with served.client() as client:
        is_problem(await client.request(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/cases", "GET"),
        ("GET", "/v1/reports", "POST"),
        ("PUT", "/v1/tokens", "GET, POST"),
        ("GET", "/v1/tokens/01999999-0000-7000-8000-000000000000", "DELETE"),
    ],
)
async def test_another_method_is_told(served: Any, is_problem: Any, method: str, path: str, allowed: str) -> None:
    async with served.client() as client:
        answer = await client.request(method, path)
    is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


async def test_pages_beside_the_api_do_not_answer_for_it(served: Any, is_problem: Any) -> None:
    pages = Starlette(routes=[Route("/{any:path}", lambda _: PlainTextResponse("a page"))])
    served.app = make_api(served.ctx, mounts=[Mount("/", pages)])
    async with served.client() as client:
        assert (await client.get("/somewhere")).text == "a page"
        is_problem(await client.get("/v1/nothing"), 404, "not_found")
