"""A served application, in process: the real API over a real store, called through ASGI."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from router.api import make_api
from router.api.inbox import Peering
from router.api.locate import Asking
from router.casework.context import Context
from schemas.actor import Role
from tests.office import office, token_for, token_of


@dataclass
class Served:
    """An application, its context, and clients that hold a token each."""

    app: FastAPI
    ctx: Context

    def client(self, token: str | None = None) -> httpx2.AsyncClient:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=True)
        return httpx2.AsyncClient(transport=transport, base_url="http://router.test", headers=headers)

    async def as_role(self, role: Role) -> httpx2.AsyncClient:
        return self.client(await token_for(self.ctx, role))

    async def as_source(self, source: str = "form") -> httpx2.AsyncClient:
        return self.client(await token_of(self.ctx, source))


@pytest.fixture
def serve() -> Callable[[Context], Served]:
    """How a test serves a context of its own by an application of its own."""
    return lambda ctx: Served(make_api(ctx), ctx)


@pytest.fixture(scope="session")
def made() -> list[FastAPI]:
    """The one application of this process, once a test has made it: its fifty routes cost more than most tests."""
    return []


@pytest.fixture
def serve_by_one(made: list[FastAPI]) -> Callable[..., Served]:
    """How a test serves a context of its own by that application, to peers as well when it says how they know us."""

    def serve(ctx: Context, peering: Peering | None = None) -> Served:
        if not made:
            made.append(make_api(ctx))
        state = made[0].state
        state.ctx, state.asking, state.peering = ctx, Asking(), peering
        return Served(made[0], ctx)

    return serve


@pytest.fixture
async def served(serve_by_one: Callable[..., Served], tmp_path: Path) -> AsyncIterator[Served]:
    async with office(tmp_path) as ctx:
        yield serve_by_one(ctx)


@pytest.fixture
async def served_anew(tmp_path: Path) -> AsyncIterator[Served]:
    """An application of the test's own, for those that count what it did before."""
    async with office(tmp_path) as ctx:
        yield Served(make_api(ctx), ctx)


@pytest.fixture
async def source(served: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with await served.as_source() as client:
        yield client


@pytest.fixture
async def analyst(served: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with await served.as_role(Role.ANALYST) as client:
        yield client


@pytest.fixture
async def supervisor(served: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with await served.as_role(Role.SUPERVISOR) as client:
        yield client


@pytest.fixture
def unknown() -> str:
    """An id that nothing has."""
    return "01999999-0000-7000-8000-000000000000"


def problem(answer: httpx2.Response, status: int, reason: str) -> Any:
    """The problem document of an answer, checked for its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["reason"]) == (status, reason)
    assert body["type"].startswith("urn:referral-router:problem:")
    assert body["title"]
    assert body["detail"]
    assert body["request"]
    return body


@pytest.fixture
def is_problem() -> Any:
    return problem
