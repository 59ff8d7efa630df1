"""A real mail server on loopback: it takes letters over STARTTLS, and keeps what it was handed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

#: Seconds in which an answer has left: what happens after it finds the other side about to write it down.
_JUST_AFTER = 0.005


@dataclass
class Postbox:
    """What arrived, and what the server answers."""

    letters: list[Message] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    answer: str = "250 taken"
    port: int = 0
    arrives: Callable[[], None] = lambda: None  #: what happens when it has a letter, before it says so
    answered: Callable[[], None] = lambda: None  #: what happens just after it said so
    patience: asyncio.Event = field(default_factory=asyncio.Event)  #: until a silent one answers after all

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.answer.startswith("250"):
            self.letters.append(message_from_bytes(envelope.original_content or b""))
            self.recipients += envelope.rcpt_tos
            self.encrypted.append(session.ssl is not None)
            self.arrives()
            asyncio.get_running_loop().call_later(_JUST_AFTER, self.answered)
        if self.answer == "silence":
            await self.patience.wait()
        return self.answer


@asynccontextmanager
async def postbox(tls: ssl.SSLContext | None, **more: Any) -> AsyncIterator[Postbox]:
    """Open a mail server on 127.0.0.1; without `tls` it offers no STARTTLS."""
    box = Postbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, tls_context=tls, require_starttls=tls is not None, hostname="relay.test", **more),
        "127.0.0.1",
        0,
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
