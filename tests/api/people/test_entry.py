"""A script of somebody who is there signs in with a password and a code; and people see where they are signed in."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx2
import pyotp
import pytest

from router.casework.people import factors, sessions, tokens
from router.errors import NotSignedIn
from schemas.actor import ROUTER, Role

PASSWORD = "seven grey herons wait: all day"


@pytest.fixture
async def codes(served: Any) -> tuple[str, ...]:
    account = await tokens.add_account(served.ctx, "anna", Role.ANALYST, ROUTER)
    await factors.set_password(served.ctx, account, PASSWORD)
    secret = await factors.begin_app(served.ctx, account)
    return await factors.confirm_app(served.ctx, account, pyotp.TOTP(secret).at(served.ctx.clock.now()))


def basic(name: str, password: str) -> str:
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


async def test_a_name_a_password_and_a_code_make_a_token_for_a_shift(served: Any, codes: tuple[str, ...]) -> None:
    async with served.client() as stranger:
        headers = {"authorization": basic("anna", PASSWORD), "x-code": codes[0]}
        answer = await stranger.post("/v1/signin", headers=headers)
        assert answer.status_code == 201
        token = answer.json()["token"]
        again = await stranger.post("/v1/signin", headers=headers)
        assert again.status_code == 401, "a recovery code works once"
    async with served.client(token) as anna:
        assert (await anna.get("/v1/cases")).status_code == 200
        served.ctx.clock.advance(timedelta(hours=12))
        assert (await anna.get("/v1/cases")).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic /////w=="},
        {"authorization": basic("anna", "wrong"), "x-code": "000000"},
        {"authorization": basic("x" * 2000, "y" * 3000)},
        {"authorization": basic("anna", PASSWORD)},
        {"authorization": f"Bearer {basic('anna', PASSWORD)}"},
    ],
)
async def test_anything_else_is_401(served: Any, codes: Any, headers: dict[str, str]) -> None:
    async with served.client() as stranger:
        answer = await stranger.post("/v1/signin", headers=headers, json={})
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:referral-router:problem:not_signed_in"
        assert PASSWORD not in answer.text


async def test_an_empty_object_is_nobody(served: Any) -> None:
    async with served.client() as stranger:
        assert (await stranger.post("/v1/signin", json={})).status_code == 401


async def test_whoever_guesses_is_told_when_to_come_back(served: Any, codes: Any) -> None:
    async with served.client() as stranger:
        headers = {"authorization": basic("anna", "wrong"), "x-code": "000000"}
        answers = [await stranger.post("/v1/signin", headers=headers) for _ in range(11)]
    assert [one.status_code for one in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_people_see_and_end_their_own_sessions(served: Any, analyst: httpx2.AsyncClient) -> None:
    account = await tokens.account_named(served.ctx, "a-analyst")
    opened = [await sessions.begin(served.ctx, account.actor) for _ in range(2)]
    listed = (await analyst.get("/v1/sessions")).json()["items"]
    assert {one["id"] for one in listed} == {one.session.id for one in opened}
    ended = await analyst.post("/v1/sessions/end", json={"session": opened[0].session.id})
    assert ended.json() == {"ended": 1}
    assert (await analyst.post("/v1/sessions/end", json={"session": opened[0].session.id})).status_code == 404
    assert (await analyst.post("/v1/sessions/end", json={})).json() == {"ended": 1}
    for one in opened:
        with pytest.raises(NotSignedIn):
            await sessions.resume(served.ctx, one.cookie)


async def test_an_administrator_sees_and_ends_those_of_others(served: Any, analyst: httpx2.AsyncClient) -> None:
    opened = await sessions.begin(served.ctx, (await tokens.account_named(served.ctx, "a-analyst")).actor)
    async with await served.as_role(Role.ADMINISTRATOR) as administrator:
        (listed,) = (await administrator.get("/v1/accounts/a-analyst/sessions")).json()["items"]
        assert listed["id"] == opened.session.id
        assert (await administrator.post("/v1/accounts/a-analyst/sign-out", json={})).json() == {"ended": 1}
        assert (await administrator.get("/v1/accounts/nobody/sessions")).status_code == 404
    assert (await analyst.get("/v1/accounts/a-administrator/sessions")).status_code == 403
