"""Everybody sets up how they sign in, by themselves: each secret is shown once, and to nobody else."""

import re
from dataclasses import replace
from typing import Any

import pyotp
import pytest

from router.casework.people import factors, links, sessions, signed_in, tokens
from router.errors import NotSignedIn
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from tests.office import door

PASSWORD = "seven grey herons wait"


async def has(console: Any, role: Role) -> factors.Held:
    return await factors.held(console.ctx, (await tokens.account_named(console.ctx, f"anna-{role}")).id)


@pytest.mark.parametrize("role", list(Role))
async def test_everybody_sets_up_a_password_and_an_app(console: Any, role: Role) -> None:
    browser = await console.person(role)
    assert "none yet" in (await browser.get("/me/access")).text
    assert (await browser.send("/me/access/password", password=PASSWORD)).status_code == 303
    page = (await browser.send("/me/access/app")).text
    (secret,) = re.findall(r"<p><code>([A-Z2-7]{32})</code></p>", page)
    assert "<svg" in page
    assert not (await has(console, role)).whole
    code = pyotp.TOTP(secret).at(console.ctx.clock.now())
    shown = await browser.send("/me/access/app/confirm", code=code)
    codes = re.findall(r"<li><code>([0-9A-Z-]{23})</code></li>", shown.text)
    assert len(set(codes)) == 10
    assert (await has(console, role)).whole
    after = (await browser.get("/me/access")).text
    assert not [one for one in (secret, PASSWORD, *codes) if one in after]
    assert "10 recovery codes are left" in after


async def test_a_wrong_code_puts_no_app_in_force(console: Any, analyst: Any) -> None:
    await analyst.send("/me/access/app")
    answer = await analyst.send("/me/access/app/confirm", code="000000")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert (await has(console, Role.ANALYST)).app_at is None


@pytest.mark.parametrize("easy", ["short", "anna-analyst's password", ""])
async def test_an_easy_password_is_not_taken_or_shown_back(console: Any, analyst: Any, easy: str) -> None:
    answer = await analyst.send("/me/access/password", password=easy)
    assert answer.status_code == 422
    assert not easy or easy not in answer.text
    assert (await has(console, Role.ANALYST)).password_at is None


async def test_new_codes_replace_the_old_ones(console: Any, analyst: Any) -> None:
    first = re.findall(r"<li><code>([0-9A-Z-]{23})</code></li>", (await analyst.send("/me/access/codes")).text)
    second = re.findall(r"<li><code>([0-9A-Z-]{23})</code></li>", (await analyst.send("/me/access/codes")).text)
    assert len(first) == len(second) == 10
    assert not set(first) & set(second)


@pytest.mark.parametrize(
    "path", ["/me/access/password", "/me/access/app", "/me/access/app/confirm", "/me/access/codes"]
)
async def test_no_form_is_taken_without_its_sessions_token(console: Any, analyst: Any, path: str) -> None:
    analyst.csrf = "x"
    assert (await analyst.send(path, password=PASSWORD)).status_code == 403
    assert (await console.stranger().send(path, password=PASSWORD)).status_code in {401, 403}
    assert await has(console, Role.ANALYST) == factors.Held()


async def test_people_see_where_they_are_signed_in_and_end_it(console: Any, analyst: Any) -> None:
    account = await tokens.account_named(console.ctx, "anna-analyst")
    others = [await sessions.begin(console.ctx, account.actor, "192.0.2.7") for _ in range(3)]
    page = (await analyst.get("/me/access")).text
    assert page.count("192.0.2.7") == 3
    assert not [one for one in others if one.cookie in page]
    assert (await analyst.send("/me/access/end", session=others[0].session.id)).status_code == 303
    assert (await analyst.get("/me/access")).text.count("192.0.2.7") == 2
    await analyst.send("/me/access/end")
    assert (await analyst.get("/me/access")).text.count("192.0.2.7") == 0
    for one in others:
        with pytest.raises(NotSignedIn):
            await sessions.resume(console.ctx, one.cookie)


@pytest.mark.parametrize("wrong", ["x", "0" * 32])
async def test_no_session_of_somebody_else_is_ended(console: Any, analyst: Any, supervisor: Any, wrong: str) -> None:
    account = await tokens.account_named(console.ctx, "anna-supervisor")
    theirs = (await signed_in.signed_in(console.ctx, account.name))[0].id
    assert (await analyst.send("/me/access/end", session=wrong)).status_code in {404, 422}
    assert (await analyst.send("/me/access/end", session=theirs)).status_code == 404
    assert (await supervisor.get("/me/access")).status_code == 200


async def test_what_acts_in_their_name_is_listed_to_its_person_and_ended_by_them(console: Any) -> None:
    """Who was robbed ends what the thief made; nobody sees or ends what is another's."""
    analyst = await console.person(Role.ANALYST)
    account = await tokens.account_named(console.ctx, "anna-analyst")
    made = [
        await tokens.create_token(console.ctx, TokenGiven(name=name, account=account.name), by)
        for name, by in (("night import", account.actor), ("<b>script</b>", ROUTER))
    ]
    over = await tokens.create_token(console.ctx, TokenGiven(name="long over", account=account.name), account.actor)
    await tokens.revoke_token(console.ctx, over.view.id, ROUTER)
    other = await tokens.add_account(console.ctx, "bob", Role.ANALYST, ROUTER)
    theirs = await tokens.create_token(console.ctx, TokenGiven(name="of bob", account="bob"), other.actor)
    page = (await analyst.get("/me/access")).text
    assert [name in page for name in ("night import", "&lt;b&gt;script", "long over", "of bob")] == [
        True,
        True,
        False,
        False,
    ]
    for one in (theirs.view.id, "0" * 32, "", over.view.id):
        assert (await analyst.send("/me/access/end-token", token=one)).status_code == 404
    await tokens.authenticate_token(console.ctx, theirs.token)
    assert (await analyst.send("/me/access/end-token", token=made[0].view.id)).status_code == 303
    with pytest.raises(NotSignedIn):
        await tokens.authenticate_token(console.ctx, made[0].token)
    await tokens.authenticate_token(console.ctx, made[1].token)
    assert "night import" not in (await analyst.get("/me/access")).text


CHANGES = {
    "password": ({"password": PASSWORD}, "Your password was set"),
    "codes": ({}, "Your recovery codes were made anew"),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_stolen_session_ends_with_what_it_came_by_and_its_person_is_told(console: Any, what: str) -> None:
    analyst = await console.person(Role.ANALYST)
    account = await tokens.account_named(console.ctx, "anna-analyst")
    thief = (await sessions.begin(console.ctx, account.actor)).cookie
    form, said = CHANGES[what]
    answer = await analyst.send(f"/me/access/{what}", **form)
    page = answer.text or (await analyst.get(answer.headers["location"])).text
    assert "Everywhere else you are signed out" in page
    with pytest.raises(NotSignedIn):
        await sessions.resume(console.ctx, thief)
    assert said not in (await analyst.get("/me")).text, "they did it here"
    later = console.stranger()
    opened = await sessions.begin(console.ctx, account.actor)
    later.client.cookies.set("__Host-router", opened.cookie, domain="router.test")
    told = (await later.get("/me")).text
    assert f"{said}, " in told
    assert "and you were signed out everywhere else. If that was not you, tell a supervisor now." in told


async def test_outside_the_named_networks_a_link_alone_leads_to_a_supervisor(console: Any) -> None:
    await tokens.add_account(console.ctx, "ben", Role.ANALYST, ROUTER)
    console.app.state.ctx = replace(console.ctx, door=door(reveal_from=("192.0.2.0/24",)))
    path = f"/signin/{await sessions.issue_link(console.ctx, 'ben', ROUTER)}"
    ben = console.stranger()
    page = await ben.send(path)
    assert (page.status_code, "set-cookie" in page.headers) == (403, False)
    assert "in the networks that the house has named" in page.text
    assert 'name="factor"' not in page.text, "they have none to type"
    asked = await ben.send(path, ask="true")
    assert asked.status_code == 303
    assert [one.account for one in await links.asking(console.ctx)] == ["ben"]
    supervisor = await console.person(Role.SUPERVISOR)
    assert "or have no app and are not in the house" in (await supervisor.get("/people")).text
