"""What surrounds every request: an id, safe headers on every answer, and an end to what nobody expected.

Plain ASGI, because the batch endpoint streams and a middleware that copies bodies would double its memory.
"""

import time
from collections.abc import Callable
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.api.protocol import problems
from router.api.protocol.room import SHARE, Room, Share
from router.guard.log import get_log
from router.store.ids import new_id

#: OWASP Secure Headers, for answers that are data: nothing may load, frame, cache or sniff them.
HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
#: Only ever sent over TLS (RFC 6797 section 7.2); a year, as browsers' lists ask.
_TLS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
_CLOSE: Final = (b"connection", b"close")
#: A status of no answer: the caller hung up (as nginx counts it).
_HUNG_UP: Final = 499
_log = get_log("api")


class Surround:
    """Wraps the application. `observe(route, method, status, seconds)` feeds the metrics; bodies are held in `room`."""

    def __init__(self, app: ASGIApp, observe: Callable[[str, str, int, float], None], room: Room | None = None) -> None:
        """Wrap `app`."""
        self._app = app
        self._observe = observe
        self._room = room or Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(scope, receive)
        answer = _Answer(scope, body, send)
        share = scope[SHARE] = Share(self._room)
        request_id = scope["router.request"] = new_id()
        started = time.perf_counter()
        try:
            await self._app(scope, body.receive, answer.send)
        except ClientDisconnect:
            answer.status = answer.status or _HUNG_UP
        except Exception as error:  # noqa: BLE001 - the last place before the server, which would print its text
            _log.error("request_failed", request=request_id, route=_route(scope), exc_info=error)
            if answer.status is None:
                await problems.unexpected(request_id)(scope, receive, answer.send)
        finally:
            share.give()
            self._observe(_route(scope), scope["method"], answer.status or 500, time.perf_counter() - started)


class _Body:
    """Passes a request's body on, and knows whether all of it was read."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        headers = dict(scope.get("headers", ()))
        self.ended = headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers

    async def receive(self) -> Message:
        message = await self._receive()
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        return message


class _Answer:
    """Passes an answer on, adding the headers that a page did not set itself."""

    def __init__(self, scope: Scope, body: _Body, send: Send) -> None:
        self._send = send
        self._body = body
        self._secure = scope.get("scheme") == "https"
        self._may_close = scope.get("http_version", "1.1").startswith("1")
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = [(name.lower(), value) for name, value in message.get("headers", ())]
            named = {name for name, _ in given}
            added = [*HEADERS, *([_TLS_ONLY] if self._secure else []), *([_CLOSE] if self._ends() else [])]
            message = {**message, "headers": [*given, *(pair for pair in added if pair[0] not in named)]}
        await self._send(message)

    def _ends(self) -> bool:
        """Return whether the connection ends with this answer: nothing more of a body is taken that nobody wants."""
        return self._may_close and not self._body.ended


def _route(scope: Scope) -> str:
    """Return the template of the route, which holds no id; unknown paths share one name, so that labels are bounded."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or "(none)"
