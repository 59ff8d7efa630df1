"""What surrounds every request: an id, safe headers on every answer, and an end to what nobody expected.

Plain ASGI, because the batch endpoint streams and a middleware that copies bodies would double its memory.
"""

import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.api.protocol import problems
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
_log = get_log("api")


class Surround:
    """Wraps the application. `observe(route, method, status, seconds)` feeds the metrics."""

    def __init__(self, app: ASGIApp, observe: Callable[[str, str, int, float], None]) -> None:
        """Wrap `app`."""
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        request_id = scope["router.request"] = new_id()
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last place before the server, which would print its text
            _log.error("request_failed", request=request_id, route=_route(scope), exc_info=error)
            if answer.status is None:
                await problems.unexpected(request_id)(scope, receive, answer.send)
        finally:
            self._observe(_route(scope), scope["method"], answer.status or 500, time.perf_counter() - started)


class _Answer:
    """Passes an answer on, adding the headers that a page did not set itself."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = [(name.lower(), value) for name, value in message.get("headers", ())]
            named = {name for name, _ in given}
            message = {**message, "headers": [*given, *(pair for pair in HEADERS if pair[0] not in named)]}
        await self._send(message)


def _route(scope: Scope) -> str:
    """Return the template of the route, which holds no id; unknown paths share one name, so that labels are bounded."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or "(none)"
