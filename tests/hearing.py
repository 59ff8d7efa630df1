"""A source that hears of its reports: a real HTTPS receiver on loopback that checks every signature, and a worker."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from router.casework.context import Context
from router.casework.govern.paused import Paused, Walked, note_walk, released
from router.casework.govern.status_hook import change_hook
from router.clock import SystemClock
from router.partners.base import Tools
from router.partners.webhook import WebhookDialect
from router.store.base import Add, Transition
from router.store.schema.tables import meta
from router.worker.telling import Telling
from schemas.actor import Actor
from schemas.source import StatusHook
from tests.casebook import Casebook, casebook
from tests.loopback import Loopback
from tests.partners.endpoint import SECRET, Endpoint

HOST = "intake.form.test"
ADDRESS = f"https://{HOST}/status"
#: Whoever sits at the machine while nobody serves: what takes two people elsewhere takes nobody else here.
OPERATOR = Actor(id="local:root", alone=True)


def hook(url: str = ADDRESS, **more: Any) -> StatusHook:
    return StatusHook.model_validate_json(json.dumps({"url": url, "secrets": ["form-status"], **more}))


async def put_back_and_released(ctx: Context) -> Paused:
    """Have a router as if it was put back from a backup of yesterday, partners asked, and two people released it."""
    now = ctx.now()
    found = Paused(now - 86_400_000_000, now, ledger=1)
    name, value = found.mark()
    await ctx.store.commit(Transition(now, adds=[Add(meta, {"name": name, "value": value})]))
    await note_walk(ctx, Walked(now, 0, 0, 0))
    await released(ctx, OPERATOR, Transition(now))
    return found


@dataclass
class Hearing:
    """A casebook, what was heard, and the worker that tells."""

    book: Casebook
    receiver: Endpoint
    telling: Telling
    requests: list[tuple[str, bytes]] = field(default_factory=list)  #: id and bytes of each request, taken or not

    async def until_quiet(self) -> None:
        """Tell all that is due, as a worker does."""
        for _ in range(50):
            if not await self.telling.turn():
                return
            self.book.clock.advance(timedelta(seconds=1))
        raise AssertionError("it never ends")

    async def later(self, **by: float) -> None:
        """Let time pass, and tell what is due then."""
        self.book.later(**by)
        await self.until_quiet()

    def heard(self, reference: str | None = None) -> list[dict[str, Any]]:
        """What was taken, oldest first."""
        return [body["data"] for body in self.receiver.bodies]

    def states(self) -> list[str]:
        return [str(one["state"]) for one in self.heard()]


@asynccontextmanager
async def hearing(folder: Path, *sources: str) -> AsyncIterator[Hearing]:
    """Open an office where these sources hear of their reports, all at one address."""
    net = Loopback(folder)
    receiver = Endpoint(secret=SECRET)
    found: list[tuple[str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        found.append((request.headers["webhook-id"], await request.read()))
        return await receiver.take(request)

    try:
        await net.serve(HOST, take)
        async with casebook(folder) as book:
            tools = Tools(await net.egress(), SystemClock(), "hotline-be", (), lambda _name: SECRET)
            spoken = {**book.ctx.dialects, "webhook": WebhookDialect(tools)}
            book.ctx = replace(book.ctx, dialects=spoken)
            for source in sources:
                await change_hook(book.ctx, source, hook(), OPERATOR)
            yield Hearing(book, receiver, Telling(book.ctx), found)
    finally:
        await net.close()
