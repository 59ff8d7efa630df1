"""Partners that are no routers: the police's intake, which takes a webhook and checks who signed it."""

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from router.clock import Clock

LOOPBACK: Final = "127.0.0.1"
#: Standard Webhooks: how far a signature's time may be off, in seconds.
TOLERANCE: Final = 300
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the prefix that Standard Webhooks puts before every secret


@dataclass(frozen=True, slots=True)
class Received:
    """One message that the police took, under its id."""

    id: str
    body: Mapping[str, Any]
    times: int = 1  #: how often it came; more than once is no second case


class PoliceIntake:
    """An HTTPS receiver of Standard Webhooks (standardwebhooks.com). `async with PoliceIntake(...) as police:`.

    It believes nothing unsigned, answers a replay of a known id as the first time, and keeps what it got in memory.
    With `status` set it answers that instead, as a receiver in trouble does.
    """

    def __init__(self, secret: str, context: ssl.SSLContext, clock: Clock) -> None:
        """Verify with `secret` ("whsec_" and base64) and serve with `context`; `clock` judges a signature's age."""
        self._key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
        self._context = context
        self._clock = clock
        self._runner: web.AppRunner | None = None
        self.received: dict[str, Received] = {}
        self.rejected = 0
        self.status: int | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        app = web.Application(client_max_size=1024 * 1024)
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=self._context).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.status is not None:
            return web.Response(status=self.status)
        if not self._is_signed(request.headers, body):
            self.rejected += 1
            return web.Response(status=401)
        message_id = request.headers["webhook-id"]
        before = self.received.get(message_id)
        self.received[message_id] = Received(message_id, json.loads(body), before.times + 1 if before else 1)
        return web.json_response({"receipt": receipt(message_id)}, status=200)

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        message_id, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not message_id or not moment.isascii() or not moment.isdigit():
            return False
        if abs(self._clock.now().timestamp() - int(moment)) > TOLERANCE:
            return False
        expected = base64.b64encode(_mac(self._key, message_id, moment, body)).decode()
        given = headers.get("webhook-signature", "").split()
        return any(hmac.compare_digest(f"v1,{expected}".encode(), one.encode()) for one in given)


def receipt(message_id: str) -> str:
    """Return the police's own reference for a message: the same for the same message."""
    return "FP-" + hashlib.sha256(message_id.encode()).hexdigest()[:8].upper()


def _mac(key: bytes, message_id: str, moment: str, body: bytes) -> bytes:
    return hmac.new(key, f"{message_id}.{moment}.".encode() + body, hashlib.sha256).digest()
