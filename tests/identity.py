"""An OpenID Connect provider in this process, over real HTTPS on loopback; each of its faults can be switched on.

It enforces what a provider must: the redirect address, PKCE (S256), the client's secret, a code used once.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from schemas.signin import OidcSettings

HOST = "id.hotline.test"
ISSUER = f"https://{HOST}"
BACK = "https://router.test/signin/provider/back"
CLIENT, SECRET = "router", "a secret/with: odd+signs"
SETTINGS = OidcSettings(issuer=ISSUER, client_id=CLIENT, secret="oidc", title="Hotline account")


@dataclass
class Identity:
    """The provider. `told` changes the claims, `signed` the signature."""

    now: Callable[[], int]
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    alg: str = "RS256"
    down: bool = False
    told: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)  #: by code: what the browser came with
    calls: list[str] = field(default_factory=list)

    def enter(self, address: str, subject: str = "s-1") -> dict[str, str]:
        """Let a person sign in there: return what the browser comes back with."""
        given = dict(parse_qsl(urlsplit(address).query))
        assert (given["redirect_uri"], given["client_id"], given["response_type"]) == (BACK, CLIENT, "code")
        assert given["code_challenge_method"] == "S256"
        assert given["scope"] == "openid"
        code = f"code-{len(self.asked)}"
        self.asked[code] = {**given, "sub": subject}
        return {"code": code, "state": given["state"], "iss": ISSUER}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.path)
        if self.down:
            return web.Response(status=503, text="<b>canary</b>")
        if request.path == "/.well-known/openid-configuration":
            found = {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            }
            return web.json_response({**found, **self.published})
        if request.path == "/keys":
            return web.json_response({"keys": [self.key.as_dict(private=False)]})
        return await self._token(request)

    async def _token(self, request: web.Request) -> web.Response:
        form = {str(name): str(value) for name, value in (await request.post()).items()}
        pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        client, _, secret = pair.partition(":")
        asked = self.asked.pop(form["code"], None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        )
        wrong = asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != BACK
        if wrong or (unquote(client), unquote(secret)) != (CLIENT, SECRET):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"id_token": self._signed(asked), "access_token": "x", "token_type": "Bearer"})

    def _signed(self, asked: dict[str, str]) -> str:
        now = self.now()
        claims = {
            "iss": ISSUER, "aud": CLIENT, "sub": asked["sub"], "nonce": asked["nonce"],
            "iat": now, "exp": now + 300, "auth_time": now,
        }  # fmt: skip
        claims = {name: value for name, value in {**claims, **self.told}.items() if value is not None}
        if self.sign is not None:
            return self.sign(claims)
        return jwt.encode({"alg": self.alg, "kid": self.key.kid}, claims, self.key, algorithms=[self.alg])

    def signed_with_its_public_key(self, claims: dict[str, Any]) -> str:
        """The old trick: a signature by a shared secret, which is what everybody knows."""
        head = {"alg": "HS256", "kid": self.key.kid}
        text = b".".join(_encoded(orjson.dumps(part)) for part in (head, claims))
        mac = hmac.digest(self.key.as_pem(private=False), text, "sha256")
        return b".".join((text, _encoded(mac))).decode()


def _encoded(plain: bytes) -> bytes:
    return base64.urlsafe_b64encode(plain).rstrip(b"=")
