"""A person makes their own token on the console: by their own hand, so it is a second person's too."""

from typing import Any

import pytest

from router.casework.people import tokens
from schemas.actor import Role


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_makes_their_own_and_sees_it_once(console: Any, role: Role) -> None:
    browser = await console.person(role)
    answer = await browser.send("/me", name="my script")
    assert answer.status_code == 200
    made = answer.text.split("<code>")[1].split("</code>")[0]
    actor = await tokens.authenticate_token(console.ctx, made)
    assert (actor.account, actor.issuer, actor.id) == (f"anna-{role}", None, f"person:anna-{role}")
    assert made not in (await browser.get("/me")).text


async def test_one_without_a_name_is_not_made(console: Any, supervisor: Any) -> None:
    assert (await supervisor.send("/me")).status_code == 422
    assert await tokens.list_tokens(console.ctx) == []


async def test_a_stranger_makes_none(console: Any) -> None:
    assert (await console.stranger().send("/me", name="x")).status_code in {303, 401, 403}
