"""A partner's endpoint on loopback that keeps Standard Webhooks with the standard's library, each rule switchable."""

import asyncio
import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from schemas.partner import Partner, PartnerKind

HOST = "intake.police.test"
SECRET = "whsec_" + b64encode(b"s" * 32).decode()
OLD = "whsec_" + b64encode(b"o" * 32).decode()


@dataclass
class Endpoint:
    """The server. `status` forces a status line; `effects` counts what each message id did."""

    rules: frozenset[str] = frozenset({"signature", "idempotent"})
    secret: str = SECRET
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    seen: list[web.Request] = field(default_factory=list)
    effects: dict[str, int] = field(default_factory=dict)
    bodies: list[Any] = field(default_factory=list)
    answer: bytes | None = None  #: its body; None for the reference that this partner gives each message

    async def take(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        body = await request.read()
        await asyncio.sleep(self.delay)
        if self.status is not None:
            return web.Response(status=self.status, headers=self.headers)
        if request.method == "HEAD":
            return web.Response(status=405)
        try:
            if "signature" in self.rules:
                Webhook(self.secret).verify(body, dict(request.headers))
        except WebhookVerificationError:
            return web.Response(status=401)
        message_id = request.headers["webhook-id"]
        if message_id not in self.effects or "idempotent" not in self.rules:
            self.effects[message_id] = self.effects.get(message_id, 0) + 1
            self.bodies.append(json.loads(body))
        answer = json.dumps({"receipt": f"P-{message_id}"}).encode() if self.answer is None else self.answer
        return web.Response(status=202, body=answer, headers=self.headers)


def partner(**changes: object) -> Partner:
    config: dict[str, object] = {"url": f"https://{HOST}/intake", "secrets": ["police"]}
    return Partner(name="police", title="Police", kind=PartnerKind.POLICE, dialect="webhook", config=config | changes)


def secret(name: str) -> str:
    return {"police": SECRET, "police-old": OLD}[name]
