"""Logins: bearer tokens of members' systems, many at a time, as the public client needs them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from router.world.iccam.bodies import Credentials, TokenPair
from router.world.iccam.hub import Hub
from router.world.iccam.records import Hotline, Refusal


@dataclass(frozen=True, slots=True)
class Token:
    """One login that is alive."""

    hotline: Hotline
    refresh: str
    since: datetime  #: good from here on
    until: datetime


class Tokens:
    """The tokens that a hub gave out. `new` makes their texts."""

    def __init__(self, hub: Hub, new: Callable[[], str] = secrets.token_urlsafe) -> None:
        """Give out tokens of this hub."""
        self._hub = hub
        self._new = new
        self._alive: dict[str, Token] = {}

    def login(self, body: Credentials) -> dict[str, Any]:
        """Return a new token. Raise Refusal (401)."""
        for hotline in self._hub.hotlines.values():
            if hotline.username and (hotline.username, hotline.password) == (body.username, body.password):
                return self._give(hotline)
        raise Refusal(401)

    def refresh(self, body: TokenPair) -> dict[str, Any]:
        """Return a new token for an old pair. Raise Refusal (401)."""
        known = self._alive.get(body.bearer_token)
        if known is None or known.refresh != body.refresh_token:
            raise Refusal(401)
        return self._give(known.hotline)

    def logout(self, token: str) -> None:
        """Forget a token; one that is unknown is no error (the client sends none at all)."""
        self._alive.pop(token, None)

    def forget(self) -> None:
        """Forget all of them, as a hub does that restarts."""
        self._alive.clear()

    def hotline(self, token: str) -> Hotline:
        """Return whose token this is. Raise Refusal (401)."""
        known = self._alive.get(token)
        if known is None or not known.since <= self._hub.clock.now() < known.until:
            raise Refusal(401)
        return known.hotline

    def _give(self, hotline: Hotline) -> dict[str, Any]:
        now, rules, bearer, refresh = self._hub.clock.now(), self._hub.rules, self._new(), self._new()
        since = now + timedelta(seconds=rules.token_settle)
        self._alive[bearer] = Token(hotline, refresh, since, now + timedelta(seconds=rules.token_seconds))
        return {"bearerToken": bearer, "refreshToken": refresh, "bearerTokenExpiresIn": rules.token_seconds}
