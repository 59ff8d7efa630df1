"""The hub on HTTPS: client certificates, and the faults that were ordered."""

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from router.world.iccam.hub import Hub
from router.world.iccam.records import Refusal
from router.world.iccam.routes import Call, answer
from router.world.iccam.tokens import Tokens
from router.world.iccam.trouble import Kind, Trouble, Troubles

LOOPBACK: Final = "127.0.0.1"
_TITLES: Final[Mapping[int, str]] = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


class IccamServer:
    """A running hub. `async with IccamServer(hub, context) as server:`; its port is `server.port`.

    `context` must demand a client certificate. `calls` lists what came, in order; `prefix` stands before every path, as
    in the real root.
    """

    def __init__(self, hub: Hub, context: ssl.SSLContext, prefix: str = "/") -> None:
        """Serve `hub`. Raise ValueError for a context that lets strangers in."""
        if context.verify_mode is not ssl.CERT_REQUIRED:
            raise ValueError("the hub demands a client certificate: give it a context that does")
        self.hub = hub
        self.tokens = Tokens(hub)
        self.troubles = Troubles()
        self.calls: list[Call] = []
        self.port = 0
        self._context = context
        self._prefix = prefix
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._take)
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

    async def _take(self, request: web.Request) -> web.StreamResponse:
        call = await self._read(request)
        self.calls.append(call)
        trouble = self.troubles.next(call.method, call.path.lower())
        if trouble is None:
            return self._judged(call)
        await asyncio.sleep(trouble.delay)
        return await self._with_trouble(trouble, request, call)

    async def _read(self, request: web.Request) -> Call:
        path = request.rel_url.raw_path
        return Call(
            method=request.method,
            path=path.removeprefix(self._prefix) if path.startswith(self._prefix) else path,
            query=request.rel_url.raw_query_string,
            headers=request.headers,
            body=await request.read(),
            client=_common_name(request),
            at=time.monotonic(),
        )

    async def _with_trouble(self, trouble: Trouble, request: web.Request, call: Call) -> web.StreamResponse:
        match trouble.kind:
            case Kind.STATUS:
                headers = {} if trouble.retry_after is None else {"Retry-After": trouble.retry_after}
                return web.Response(status=trouble.status, headers=headers, body=trouble.body)
            case Kind.LOGGED_OUT:
                self.tokens.forget()
                return self._judged(call)
            case Kind.DROP_BEFORE:
                return _hang_up(request)
            case Kind.DROP_AFTER:
                self._judged(call)
                return _hang_up(request)
            case Kind.CUT:
                return await _cut(request, self._judged(call))
            case Kind.GARBAGE:
                return web.Response(status=self._judged(call).status, body=b"<html>Under maintenance</html>")

    def _judged(self, call: Call) -> web.Response:
        try:
            status, said = answer(self.hub, self.tokens, call)
        except Refusal as refusal:
            return _json(refusal.status, _problem(refusal))
        return _json(status, said)


def _problem(refusal: Refusal) -> dict[str, Any]:
    body: dict[str, Any] = {"title": _TITLES.get(refusal.status, "Refused"), "status": refusal.status}
    if refusal.errors:
        body["errors"] = {name: [text] for name, text in refusal.errors.items()}
    return body


def _json(status: int, said: Any) -> web.Response:
    if said is None:
        return web.Response(status=status)
    return web.Response(status=status, body=json.dumps(said).encode(), content_type="application/json")


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """Announce the whole answer and send half of it."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    half = web.StreamResponse(status=whole.status, headers={"Content-Type": "application/json"})
    half.content_length = max(len(body), 1)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


def _common_name(request: web.Request) -> str:
    certificate = request.transport.get_extra_info("peercert") if request.transport is not None else None
    subject = {name: value for part in (certificate or {}).get("subject", ()) for name, value in part}
    return str(subject.get("commonName", ""))
