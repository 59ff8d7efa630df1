"""By the browser: there and back, with cookies of its own, and every other way in when the provider is down."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from router.casework.people import oidc
from router.console.access import COOKIE
from router.console.people.provider import COOKIE as UNDER_WAY
from router.guard.signin.provider import Provider
from tests.identity import BACK, HOST, ISSUER, SECRET, SETTINGS, Identity
from tests.loopback import Loopback


@pytest.fixture
async def identity(console: Any, tmp_path: Path) -> AsyncIterator[Identity]:
    net = Loopback(tmp_path)
    made = Identity(lambda: int(console.ctx.clock.now().timestamp()))
    await net.serve(HOST, made.answer)
    provider = Provider(SETTINGS, BACK, await net.egress(), {"oidc": SECRET}.__getitem__)
    console.app.state.ctx = replace(console.ctx, door=replace(console.ctx.door, provider=provider))
    yield made
    await net.close()


def led_to(page: str) -> str:
    """Where a page leads, by its link and by itself: the same."""
    (link,) = re.findall(r'<a href="([^"]+)" rel="noreferrer">', page)
    assert f'content="0; url={link}"' in page
    return unescape(link)


async def there(identity: Identity, browser: Any, path: str, subject: str = "s-1") -> Any:
    answer = await browser.send(path)
    assert answer.status_code == 200
    assert led_to(answer.text).startswith(f"{ISSUER}/authorize?")
    return await browser.client.get("/signin/provider/back", params=identity.enter(led_to(answer.text), subject))


async def test_connected_by_oneself_then_in_by_the_provider(console: Any, analyst: Any, identity: Identity) -> None:
    assert (await there(identity, analyst, "/me/access/provider/connect")).status_code == 200
    stranger = console.stranger()
    assert "Sign in by Hotline account" in (await stranger.get("/signin")).text
    answer = await there(identity, stranger, "/signin/provider")
    assert led_to(answer.text) == "/"
    cookies = answer.headers.get_list("set-cookie")
    (session,) = [one for one in cookies if one.startswith(f"{COOKIE}=")]
    assert "SameSite=strict" in session
    assert [one for one in cookies if one.startswith(f'{UNDER_WAY}=""')], "what was under way is over"
    assert "anna-analyst" in (await stranger.get("/")).text


async def test_nobody_is_led_anywhere_by_what_comes_back(console: Any, identity: Identity) -> None:
    stranger = console.stranger()
    await stranger.send("/signin/provider")
    for query in ("?next=https://evil.test", "?code=x&state=y", "?error=access_denied&error_description=<b>canary", ""):
        answer = await stranger.client.get(f"/signin/provider/back{query}")
        assert answer.status_code == 401
        assert "evil.test" not in answer.text
        assert "canary" not in answer.text
        assert COOKIE not in answer.headers.get("set-cookie", "")


async def test_what_comes_back_to_another_browser_is_nobodys(console: Any, analyst: Any, identity: Identity) -> None:
    """Login CSRF: an attacker's own answer, opened in somebody else's browser, signs that one in as nobody."""
    await there(identity, analyst, "/me/access/provider/connect")
    attacker, victim = console.stranger(), console.stranger()
    came = identity.enter(led_to((await attacker.send("/signin/provider")).text))
    assert (await victim.client.get("/signin/provider/back", params=came)).status_code == 401


async def test_a_page_of_somebody_else_begins_nothing(console: Any, analyst: Any, identity: Identity) -> None:
    cross = {"sec-fetch-site": "cross-site"}
    for path in ("/signin/provider", "/me/access/provider/connect", "/me/access/disconnect"):
        assert (await analyst.client.post(path, data={"csrf": analyst.csrf}, headers=cross)).status_code == 403


async def test_a_provider_that_is_down_leaves_the_form_for_a_password(console: Any, identity: Identity) -> None:
    identity.down = True
    answer = await console.stranger().send("/signin/provider")
    assert answer.status_code == 503
    assert "sign in with your password here" in answer.text
    assert 'action="/signin/password"' in answer.text
    assert "canary" not in answer.text


async def test_a_house_without_one_offers_none(console: Any, analyst: Any) -> None:
    assert "/signin/provider" not in (await console.stranger().get("/signin")).text
    assert "/me/access/provider" not in (await analyst.get("/me/access")).text
    assert (await console.stranger().send("/signin/provider")).status_code == 404
    assert console.ctx.door.provider is None
    assert oidc.LIFE == 600
