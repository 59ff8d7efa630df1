"""An OpenID Connect provider (Core 1.0, code flow): asked over the egress guard, believed only as far as it is checked.

Every sign-in has a state, a nonce and a PKCE verifier (RFC 7636, S256) of its own. The ID token's signature is checked
by the provider's published keys with algorithms from a list; issuer, audience, times and nonce are exact. A provider
that does not answer is said to be away, so that people take another way in.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import orjson
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from router.errors import NotSignedIn, RouterError, Unavailable
from router.guard.egress import Egress
from router.guard.target import Purpose
from schemas.signin import OidcSettings

_AWAY: Final = "The sign-in provider does not answer; sign in with your password here, or ask for a one-time link."
_NOT_BELIEVED: Final = "What the sign-in provider says is not what was asked for; begin again, or sign in here."
#: Seconds of one call; a person waits.
_DEADLINE: Final = 10.0
#: Bytes of an answer: a key set of a large provider has some kilobytes.
_CAP: Final = 256 * 1024
#: Seconds for which what it publishes is kept; and after which keys are asked again for one that is not known.
_KEPT, _KEYS_AGAIN = 3600.0, 60.0
#: Seconds by which its clock may be off.
_LEEWAY: Final = 60


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in under way: what must come back, kept by the browser in a sealed cookie."""

    state: str
    nonce: str
    verifier: str
    began: int  #: seconds since the epoch
    mode: str
    whom: str  #: the account or the session that it is for; empty for one that begins

    @classmethod
    def new(cls, began: int, mode: str, whom: str) -> "Flow":
        """Return a fresh one."""
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), began, mode, whom)


class Provider:
    """A house's provider. One for a process; it keeps what the provider publishes for an hour."""

    def __init__(self, settings: OidcSettings, back: str, egress: Egress, secret: Callable[[str], str]) -> None:
        """Take the house's settings, where the browser comes back to, the way out, and where secrets are."""
        self.settings = settings
        self._back = back
        self._egress = egress
        self._secret = secret
        self._published: tuple[float, dict[str, Any]] | None = None
        self._finding: asyncio.Future[dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, flow: Flow, *, anew: bool) -> str:
        """Return where the browser goes; `anew` has the person show there again who they are. Raise Unavailable."""
        found = await self._found()
        more: dict[str, Any] = {"prompt": "login", "max_age": "0"} if anew else {}
        if self.settings.acr is not None:
            more["acr_values"] = self.settings.acr
        asked = {"nonce": flow.nonce, "code_challenge": create_s256_code_challenge(flow.verifier), **more}
        return str(
            prepare_grant_uri(
                _address(found, "authorization_endpoint"),
                self.settings.client_id,
                "code",
                redirect_uri=self._back,
                scope="openid",
                state=flow.state,
                code_challenge_method="S256",
                **asked,
            )
        )

    async def subject(self, flow: Flow, given: dict[str, str], now: int, *, anew: bool) -> str:
        """Return who came back, as the provider names them. Raise NotSignedIn, Unavailable."""
        ours = hmac.compare_digest(flow.state.encode(), given.get("state", "").encode("utf-8", "replace"))
        if not ours or given.get("iss", self.settings.issuer) != self.settings.issuer or not given.get("code"):
            raise NotSignedIn(_NOT_BELIEVED, reason="provider")
        claims = await self._claims(await self._exchanged(flow, given["code"]), flow, now, anew=anew)
        return str(claims["sub"])

    async def _claims(self, token: str, flow: Flow, now: int, *, anew: bool) -> dict[str, Any]:
        """Return what an ID token says, once all of it is checked."""
        try:
            told = jwt.decode(token, await self._key_set(token), algorithms=list(self.settings.algorithms))
            self._registry(flow, now).validate(told.claims)
            params = {"nonce": flow.nonce, "client_id": self.settings.client_id}
            CodeIDToken(dict(told.claims), dict(told.header), {}, params).validate(now=now, leeway=_LEEWAY)
        except RouterError:
            raise
        except Exception:  # noqa: BLE001 - of two libraries, over what a stranger may have made
            told = None
        if told is None or (anew and not _shown_since(told.claims, flow.began)):
            raise NotSignedIn(_NOT_BELIEVED, reason="provider")
        return dict(told.claims)

    def _registry(self, flow: Flow, now: int) -> jwt.JWTClaimsRegistry:
        exact: dict[str, Any] = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
            "nonce": {"essential": True, "value": flow.nonce},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
        }
        if self.settings.acr is not None:
            exact["acr"] = {"essential": True, "value": self.settings.acr}
        return jwt.JWTClaimsRegistry(now=now, leeway=_LEEWAY, **exact)

    async def _exchanged(self, flow: Flow, code: str) -> str:
        """Return the ID token for a code (RFC 6749 section 4.1.3, the client by HTTP Basic)."""
        found, client = await self._found(), self.settings.client_id
        more = {"code": code, "code_verifier": flow.verifier}
        body = prepare_token_request("authorization_code", redirect_uri=self._back, client_id=client, **more)
        from base64 import b64encode

        pair = f"{quote(client, safe='')}:{quote(self._secret(self.settings.secret), safe='')}"
        headers = {
            "Authorization": f"Basic {b64encode(pair.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = await self._asked("POST", _address(found, "token_endpoint"), headers, str(body).encode())
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotSignedIn(_NOT_BELIEVED, reason="provider")
        return token

    async def _found(self) -> dict[str, Any]:
        """Return what the provider publishes of itself (OpenID Connect Discovery 1.0).

        Strangers have this asked: while one asks a provider that is slow or away, all others wait for that answer.
        """
        if self._published is not None and time.monotonic() - self._published[0] <= _KEPT:
            return self._published[1]
        if self._finding is None or self._finding.done():
            self._finding = asyncio.ensure_future(self._ask_published())
        return await asyncio.shield(self._finding)

    async def _ask_published(self) -> dict[str, Any]:
        issuer = self.settings.issuer
        found = await self._asked("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise Unavailable(_AWAY, reason="provider")
        self._published = time.monotonic(), found
        return found

    async def _key_set(self, token: str) -> KeySet:
        """Return its keys; asked again, once a minute at most, when none of them is the one that signed."""
        old = self._keys
        age = _KEPT if old is None else time.monotonic() - old[0]
        if old is None or age >= _KEPT or (age >= _KEYS_AGAIN and not _has(old[1], token)):
            found = await self._asked("GET", _address(await self._found(), "jwks_uri"))
            try:
                keys = KeySet.import_key_set({"keys": [one for one in found["keys"] if one.get("kty") != "oct"]})
            except (JoseError, KeyError, TypeError, ValueError, AttributeError):
                raise Unavailable(_AWAY, reason="provider") from None
            self._keys = time.monotonic(), keys
        assert self._keys is not None  # for the type checker
        return self._keys[1]

    async def _asked(
        self, method: str, url: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> dict[str, Any]:
        """Return the JSON object at an address. Raise Unavailable; NotSignedIn for a code that it does not take."""
        try:
            answer = await self._egress.request(
                method, url, headers=headers, body=body, deadline=_DEADLINE, cap=_CAP, purpose=Purpose.IDENTITY
            )
        except RouterError:
            raise Unavailable(_AWAY, reason="provider") from None
        if method == "POST" and answer.status in _REFUSED:
            raise NotSignedIn(_NOT_BELIEVED, reason="provider")
        try:
            found = orjson.loads(answer.body) if answer.status == _OK else None
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise Unavailable(_AWAY, reason="provider")
        return found


_OK: Final = 200
_REFUSED: Final = frozenset({400, 401, 403})


def _address(found: dict[str, Any], name: str) -> str:
    """Return an address that the provider publishes. Raise Unavailable for one that is not encrypted, or none."""
    given = found.get(name)
    if not isinstance(given, str) or not given.startswith("https://"):
        raise Unavailable(_AWAY, reason="provider")
    return given


def _has(keys: KeySet, token: str) -> bool:
    from base64 import urlsafe_b64decode

    try:
        head = token.partition(".")[0]
        wanted = orjson.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4))).get("kid")
    except (ValueError, AttributeError):
        return True  # no key of anybody's would read it
    return wanted is None or any(one.kid == wanted for one in keys.keys)


def _shown_since(claims: dict[str, Any], began: int) -> bool:
    at = claims.get("auth_time")
    return isinstance(at, int) and at >= began - _LEEWAY
