"""One request through the guard, and what a failure of it must never carry."""

from typing import Any

import pytest
from aiohttp import web

from router.errors import RouterError
from router.guard.egress import Egress, HttpAnswer
from router.guard.target import Purpose

HOST = "partner.test"
URL = f"https://{HOST}/canary-path?canary=1"
IP = "3.120.0.1"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"


async def ok(request: web.Request) -> web.Response:
    return web.Response(body=await request.read(), headers={"X-Peer": str(request.remote), "X-Host": request.host})


async def ask(egress: Egress, url: str = URL, **options: object) -> HttpAnswer:
    given: dict[str, Any] = {"body": b"hello", "deadline": 5.0, "cap": 1000, "purpose": Purpose.PARTNER} | options
    return await egress.request("POST", url, **given)


async def fails(egress: Egress, url: str = URL, **options: object) -> RouterError:
    """The error of a request that must fail, proved to carry nothing that identifies the call or quotes anybody."""
    with pytest.raises(RouterError) as failed:
        await ask(egress, url, **options)
    error = failed.value
    said = f"{error!r} {error.message} {error.reason} {error.field}"
    assert not any(word in said for word in ("canary", HOST, IP, "127.0.0.1", "[SSL", "Errno"))
    assert (error.__cause__, error.__context__) == (None, None)
    return error
