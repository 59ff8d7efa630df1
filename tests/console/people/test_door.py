"""The sign-in page takes a name, a password and a code, and says nothing of which was wrong."""

from typing import Any

import pyotp
import pytest

from router.casework.people import factors, tokens
from router.console.access import COOKIE
from schemas.actor import ROUTER, Role

PASSWORD = "seven grey herons wait"


@pytest.fixture
async def given(console: Any) -> dict[str, str]:
    account = await tokens.add_account(console.ctx, "anna", Role.SUPERVISOR, ROUTER)
    await factors.set_password(console.ctx, account, PASSWORD)
    secret = await factors.begin_app(console.ctx, account)
    codes = await factors.confirm_app(console.ctx, account, pyotp.TOTP(secret).at(console.ctx.clock.now()))
    return {"name": "anna", "password": PASSWORD, "code": codes[0]}


async def test_one_form_begins_a_session_that_nobody_had_before(console: Any, given: dict[str, str]) -> None:
    browser = console.stranger()
    browser.client.cookies.set(COOKIE, "chosen-by-somebody-else", domain="router.test")
    answer = await browser.send("/signin/password", **given, next="/audit")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "chosen-by-somebody-else" not in cookie
    for word in ("httponly", "samesite=strict", "secure", "path=/"):
        assert word in cookie.lower()
    assert (await browser.get("/audit")).status_code == 200


@pytest.mark.parametrize("wrong", [{"name": "nobody"}, {"password": "wrong"}, {"code": "000000"}, {"code": ""}])
async def test_what_was_wrong_is_not_said_and_nothing_is_shown_back(
    console: Any, given: dict[str, str], wrong: dict[str, str]
) -> None:
    answer = await console.stranger().send("/signin/password", **{**given, **wrong})
    assert answer.status_code == 401
    assert "the name, the password or the code" in answer.text
    assert COOKIE not in answer.headers.get("set-cookie", "")
    assert PASSWORD not in answer.text
    assert given["code"] not in answer.text


@pytest.mark.parametrize(
    "wanted", ["https://evil.test/", "//evil.test", "/signin/password", "/\\evil.test", "/me/../x"]
)
async def test_nobody_is_led_elsewhere(console: Any, given: dict[str, str], wanted: str) -> None:
    answer = await console.stranger().send("/signin/password", **given, next=wanted)
    assert answer.headers["location"] == "/"


async def test_a_page_of_somebody_else_signs_nobody_in(console: Any, given: dict[str, str]) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.test"}, {}):
        answer = await console.stranger().client.post("/signin/password", data=given, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


async def test_whoever_guesses_is_told_to_wait(console: Any, given: dict[str, str]) -> None:
    browser = console.stranger()
    answers = [(await browser.send("/signin/password", **{**given, "code": "000000"})).status_code for _ in range(12)]
    assert answers == [401] * 10 + [429] * 2
    said = await browser.send("/signin/password", **given)
    assert said.status_code == 429
    assert "one-time link" in said.text


async def test_a_field_that_is_far_too_long_is_refused_as_a_page(console: Any, given: dict[str, str]) -> None:
    answer = await console.stranger().send("/signin/password", **{**given, "name": "x" * 5000})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
