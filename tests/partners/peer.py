"""A peer's inbox on loopback that enforces the published protocol, each rule switchable.

It verifies and signs with the library `http-message-signatures`, not with our own code, so every test against it also
tests that the two agree on RFC 9421.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, InvalidSignature, algorithms
from http_message_signatures.resolvers import MappingKeyResolver

from schemas.exchange import ReferralBundle, StatusQuery

REQUEST_TAG, ANSWER_TAG = "referral-router/1", "referral-router-answer/1"
REQUEST = ("@method", "@target-uri", "content-type", "content-digest", "recipient")
ANSWER = ("@status", "content-type", "content-digest", '"signature";req;key="sig"')
RULES = frozenset({"signature", "nonce", "recipient", "path", "size"})


@dataclass
class Message:
    """A request as the library wants it."""

    method: str
    url: str
    headers: Any  # any mapping; a request's ignores case


@dataclass
class Reply:
    """An answer as the library wants it."""

    status_code: int
    headers: Any  # any mapping; a request's ignores case
    request: Message


def library_verify(message: Message | Reply, body: bytes, tag: str, required: tuple[str, ...], **keys: Any) -> Any:
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=MappingKeyResolver(public_keys=keys, private_keys={})
    )
    (found,) = verifier.verify(
        message, max_age=timedelta(minutes=5), expect_tag=tag, require_components=required, body=body
    )
    return found


def library_sign(message: Message | Reply, body: bytes, tag: str, covered: tuple[str, ...], **more: Any) -> None:
    key_id, private = more.pop("key_id"), more.pop("private")
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: private}),
    )
    signer.sign(message, key_id=key_id, label="sig", tag=tag, covered_component_ids=covered, body=body, **more)


@dataclass
class PeerInbox:
    """The server. `status` forces a status line, `judge` says what becomes of a referral, `forge` spoils the answer."""

    name: str
    host: str
    private: Ed25519PrivateKey
    known: dict[str, Ed25519PublicKey]
    rules: frozenset[str] = RULES
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    seen: list[web.Request] = field(default_factory=list)
    effects: dict[str, int] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    nonces: set[str] = field(default_factory=set)
    judge: Callable[[str], dict[str, Any]] | None = None
    forge: Callable[[Reply, bytes], bytes] | None = None
    most: int = 100
    key_id: str = "hotline-nl-2026"

    async def take(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        body = await request.read()
        await asyncio.sleep(self.delay)
        if self.status is not None:
            return web.Response(status=self.status, headers=self.headers)
        message = Message(request.method, f"https://{self.host}{request.path_qs}", request.headers)
        refused = self._refusal(message, body)
        if refused is not None:
            problem = {"type": "about:blank", "title": "Not signed in", "status": 401, "reason": refused}
            return web.json_response(problem, status=401, content_type="application/problem+json")
        answer = self._answer(request.path, body)
        return web.Response(status=413) if answer is None else self._signed(message, json.dumps(answer).encode())

    def _refusal(self, message: Message, body: bytes) -> str | None:
        if "signature" not in self.rules:
            return None
        try:
            found = library_verify(message, body, REQUEST_TAG, REQUEST, **self.known)
        except InvalidSignature:
            return "bad_signature"
        if "recipient" in self.rules and message.headers["Recipient"] != self.name:
            return "wrong_recipient"
        if "nonce" in self.rules and (found.nonce is None or found.nonce in self.nonces):
            return "replayed"
        self.nonces.add(found.nonce)
        return None

    def _answer(self, path: str, body: bytes) -> dict[str, Any] | None:
        if path == "/v1/inbox/status":
            query = StatusQuery.model_validate_json(body)
            self.withdrawn |= set(query.withdraw)
            return {"statuses": [self._status(one) for one in (*query.referrals, *query.withdraw)]}
        bundle = ReferralBundle.model_validate_json(body)
        assert bundle.recipient == self.name
        if path == "/v1/inbox/test":
            judge = self.judge or (lambda _: {"result": "accepted"})
            return {"answers": [{"referral_id": one.referral_id} | judge(one.referral_id) for one in bundle.referrals]}
        if "size" in self.rules and len(bundle.referrals) > self.most:
            return None
        return {"answers": [self._take(one.referral_id, one.path) for one in bundle.referrals]}

    def _take(self, referral_id: str, path: tuple[str, ...]) -> dict[str, Any]:
        if "path" in self.rules and self.name in path:
            return {"referral_id": referral_id, "result": "refused", "reason": "on_its_path"}
        if self.judge is not None:
            return {"referral_id": referral_id} | self.judge(referral_id)
        self.effects.setdefault(referral_id, 1)
        return {"referral_id": referral_id, "result": "accepted", "receipt": f"nl-{referral_id[:8]}"}

    def _status(self, referral_id: str) -> dict[str, Any]:
        known = referral_id in self.effects
        action = [{"action": "Removed", "at": "2026-11-21T10:00:00Z"}] if known else []
        return {
            "referral_id": referral_id,
            "known": known,
            "withdrawn": known and referral_id in self.withdrawn,
            "actions": action,
        }

    def _signed(self, message: Message, body: bytes) -> web.Response:
        reply = Reply(200, {"Content-Type": "application/json"}, message)
        library_sign(reply, body, ANSWER_TAG, ANSWER, key_id=self.key_id, private=self.private, include_alg=False)
        if self.forge is not None:
            body = self.forge(reply, body)
        return web.Response(status=reply.status_code, headers=reply.headers, body=body)
