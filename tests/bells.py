"""A bell in the place of the way out: it keeps what was told, and fails when it is to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson

from router.casework.alarm.ways import publish
from router.errors import NotSent
from router.worker.ringing import Ringing
from schemas.actor import ROUTER
from schemas.alarm import AlarmSettings, Relay, Webhook
from tests.casebook import Casebook, casebook

HOOK, MAILBOX = "https://hook.test/a", "duty@hotline.test"
BOTH: dict[str, Any] = {
    "webhook": [{"url": HOOK}],
    "mail": [{"to": MAILBOX}, {"to": "lead@hotline.test", "after": "10m"}],
    "relay": {"host": "relay.test", "sender": "router@hotline.test"},
    "heartbeat": {"url_secret": "beat"},
}


@dataclass
class Rung:
    """What went out, and which receivers fail."""

    posts: list[bytes] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    beats: int = 0
    failing: set[str] = field(default_factory=set)

    async def webhook(self, to: Webhook, body: bytes) -> None:
        self._fail(to.url)
        self.posts.append(body)

    async def letter(self, relay: Relay, letter: EmailMessage, to: str) -> None:
        self._fail(to)
        self.letters.append(letter)

    async def beat(self, url_secret: str) -> None:
        self._fail(url_secret)
        self.beats += 1

    def _fail(self, name: str) -> None:
        if name in self.failing:
            raise NotSent("It did not take it", reason="connect")

    def read(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for body in self.posts]

    def bytes(self) -> bytes:
        return b"\n".join([*self.posts, *(one.as_bytes() for one in self.letters)])


@dataclass
class Alarmed:
    """A casebook with a bell, and one worker that rings."""

    book: Casebook
    rung: Rung
    ringing: Ringing

    async def later(self, **by: float) -> int:
        """Let time pass, then ring what is due."""
        self.book.later(**by)
        return await self.ringing.turn()


@asynccontextmanager
async def alarmed(folder: Path, **more: Any) -> AsyncIterator[Alarmed]:
    """Open an office that rings; `more` are other settings."""
    async with casebook(folder) as book:
        rung = Rung()
        book.ctx = replace(book.ctx, bell=rung, console="https://router.hotline.test/")
        await publish(book.ctx.store, AlarmSettings.model_validate({**BOTH, **more}), book.ctx.now(), ROUTER)
        yield Alarmed(book, rung, Ringing(book.ctx))
