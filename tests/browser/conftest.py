"""A hotline with its partners for browsers: the demo's world of router processes, shared by the tests of a file."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from router.demo import story
from router.demo.pipe_messages import Invite
from router.demo.setup import Stage, set_stage
from router.world.story import HOME
from schemas.actor import Role

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
