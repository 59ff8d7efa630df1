"""What browsers are led to: the demo's world of router processes, shared by a file; and the desk of one house alone."""

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi import FastAPI

from router.casework.people import sessions, tokens
from router.console.access import COOKIE
from router.console.pages import make_console
from router.demo import story
from router.demo.pipe_messages import Invite
from router.demo.setup import Stage, set_stage
from router.world.story import HOME
from schemas.actor import ROUTER, Role
from tests.casebook import Casebook

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

#: Seconds until three router processes stand, have their reports, and rest.
READY = 90


@dataclass
class Hotline:
    """Our own hotline's console, as a browser reaches it."""

    url: str
    loop: asyncio.AbstractEventLoop
    stage: Stage

    async def link(self, who: str = "demo", role: Role = Role.SUPERVISOR) -> str:
        """A one-time sign-in link."""
        told = self.stage.instances[HOME].tell(Invite(who=who, role=role))
        asked = asyncio.run_coroutine_threadsafe(told, self.loop)
        return self.url + await asyncio.wrap_future(asked)

    def take(self, lines: bytes, *, rest: bool = True) -> None:
        """Report what these lines say, and wait until all rests, which it does until people begin to act."""

        async def taken() -> None:
            await story.submit(self.stage, lines)
            if rest:
                await story.rest(self.stage, {}, lambda _: None)

        asyncio.run_coroutine_threadsafe(taken(), self.loop).result()

    async def visitor(
        self, browser: "Browser", who: str = "demo", role: Role = Role.SUPERVISOR, **context: Any
    ) -> "Page":
        """A person who has just signed in with a link."""
        page = await (await browser.new_context(viewport={"width": 1360, "height": 900}, **context)).new_page()
        await page.goto(await self.link(who, role))
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(self.url + "/")  # and until it has loaded: a key that is pressed before goes nowhere
        return page


@pytest.fixture(scope="module")
def hotline() -> Iterator[Hotline]:
    """The demo's world, in a thread with its own loop: each test has another one, and starting takes seconds."""
    ready: Future[Hotline] = Future()
    over = asyncio.Event()

    async def stand() -> None:
        try:
            with tempfile.TemporaryDirectory() as folder:
                async with set_stage(Path(folder)) as stage:
                    await story.submit(stage, resources.files("router.world").joinpath("reports.ndjson").read_bytes())
                    await story.rest(stage, {}, lambda _: None)
                    ready.set_result(Hotline(stage.console, asyncio.get_running_loop(), stage))
                    await over.wait()
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    thread = threading.Thread(target=lambda: asyncio.run(stand()))
    thread.start()
    try:
        found = ready.result(timeout=READY)
        yield found
        found.loop.call_soon_threadsafe(over.set)
    finally:
        thread.join(timeout=READY)


@dataclass
class Desk:
    """The console in one process, of one house after another, and a browser."""

    browser: "Browser"
    app: FastAPI | None = None
    url: str = ""
    cookie: bytes = b""  #: of who is at it: signing in is counted elsewhere

    async def page_of(self, book: Casebook, path: str) -> "Page":
        """A page of that house, for Bea, who begins her shift."""
        if self.app is None:
            self.app = make_console(book.ctx)
        state = self.app.state
        state.ctx, state.pages = book.ctx, replace(state.pages, clock=book.ctx.clock, me=book.ctx.me)
        bea = await tokens.add_account(book.ctx, "bea", Role.SUPERVISOR, ROUTER)
        self.cookie = f"{COOKIE}={(await sessions.begin(book.ctx, bea.actor)).cookie}".encode()
        context = await self.browser.new_context(viewport={"width": 1360, "height": 900})
        page = await context.new_page()
        await page.goto(self.url + path)
        return page

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the house of the moment to who is signed in."""
        assert self.app is not None
        await self.app({**scope, "headers": [*scope["headers"], (b"cookie", self.cookie)]}, receive, send)


@pytest.fixture
async def desk(browser: "Browser", monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    monkeypatch.setattr("router.console.acts._PATIENCE", 0.0)  # nobody delivers here
    made = Desk(browser)
    server = uvicorn.Server(uvicorn.Config(made, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn says it with a flag
        await asyncio.sleep(0.01)
    made.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.should_exit = True
        await serving
