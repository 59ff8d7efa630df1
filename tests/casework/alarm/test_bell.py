"""The way out: https or this machine, 2xx or it was not taken, the secret in a header and in no error."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from router.casework.alarm.bell import Bell
from router.errors import EgressRefused, NotSent, RouterError
from schemas.alarm import Webhook
from tests.loopback import Loopback


@pytest.fixture
async def net(tmp_path: Path) -> AsyncIterator[Loopback]:
    """A public internet on loopback."""
    loopback = Loopback(tmp_path)
    yield loopback
    await loopback.close()


async def serve(answer: int, seen: list[web.Request]) -> tuple[web.AppRunner, int]:
    async def take(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(status=answer, text="canary")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, runner.addresses[0][1]


@pytest.mark.parametrize("answer", [200, 202, 302, 404, 503])
async def test_only_2xx_is_taken(net: Loopback, answer: int) -> None:
    seen: list[web.Request] = []
    runner, port = await serve(answer, seen)
    bell = Bell(await net.egress(), lambda name: f"secret-of-{name}")
    hook = Webhook(url=f"http://127.0.0.1:{port}/hook", secret="token")
    if answer < 300:
        await bell.webhook(hook, b"{}")
    else:
        with pytest.raises(NotSent) as failed:
            await bell.webhook(hook, b"{}")
        assert "canary" not in failed.value.message
    await runner.cleanup()
    assert [one.headers["Authorization"] for one in seen] == ["Bearer secret-of-token"]


@pytest.mark.parametrize("url", ["http://hook.test/", "https://10.0.0.1/", "https://user@hook.test/"])
async def test_nothing_goes_anywhere_else(net: Loopback, url: str) -> None:
    bell = Bell(await net.egress(), lambda _: "")
    with pytest.raises((EgressRefused, RouterError)):
        await bell.webhook(Webhook(url=url), b"{}")


async def test_the_beat_is_a_bare_question(net: Loopback) -> None:
    seen: list[web.Request] = []
    runner, port = await serve(200, seen)
    await Bell(await net.egress(), lambda _: f"http://127.0.0.1:{port}/ping/abc").beat("beat")
    await runner.cleanup()
    assert [(one.method, one.path, one.content_length) for one in seen] == [("GET", "/ping/abc", None)]
