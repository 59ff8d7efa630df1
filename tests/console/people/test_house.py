"""The page of people: what each role may do there, and that nobody does it to themselves or alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from router.casework.people import factors, farewell, links, mandates, sessions, tokens
from router.console.people.house import ACTS
from router.guard.access import ROLES, Permission
from schemas.actor import ROUTER, Role
from tests.console.conftest import CANARY
from tests.office import door

FIELDS: dict[str, dict[str, str]] = {
    "add": {"name": "zoe", "role": "viewer"},
    "role": {"account": "ann", "role": "viewer"},
    "close": {"account": "ann"},
    "sign-out": {"account": "ann"},
    "mandate": {"account": "ann", "until": "2026-12-31"},
    "end-mandate": {"id": "none"},
    "agree": {"id": "none"},
    "tick": {"id": "none"},
}


def test_every_act_is_tried_here() -> None:
    assert set(FIELDS) == set(ACTS)


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("role", list(Role))
async def test_only_who_may_does_it(console: Any, role: Role, act: str) -> None:
    await tokens.add_account(console.ctx, "ann", Role.ANALYST, ROUTER)
    browser = await console.person(role)
    answer = await browser.send(f"/people/{act}", **FIELDS[act])
    may = {Permission.PEOPLE_ACT, ACTS[act].needs} <= ROLES[role]
    assert (answer.status_code in {303, 404}) is may


async def test_a_mandate_is_given_shown_and_asked_at_the_reveal(console: Any, supervisor: Any) -> None:
    analyst = await console.person(Role.ANALYST)
    case = await console.case(seen=False)
    page, offered = f"/cases/{case}", f"/cases/{case}/reveal"
    assert offered in (await analyst.get(page)).text
    console.app.state.ctx = replace(console.ctx, door=door(mandates=True))
    assert offered not in (await analyst.get(page)).text
    before = await analyst.send(f"/cases/{case}/reveal", reason="x")
    assert before.status_code == 403
    assert CANARY not in before.text
    assert "a supervisor gives another" in before.text
    await supervisor.send("/people/mandate", account="anna-analyst", until="2026-11-30")
    assert "sees locations until" in (await supervisor.get("/people")).text
    assert offered in (await analyst.get(page)).text
    assert CANARY in (await analyst.send(f"/cases/{case}/reveal", reason="x")).text
    (one,) = await mandates.all_mandates(console.ctx)
    await supervisor.send("/people/end-mandate", id=one.id)
    assert offered not in (await analyst.get(page)).text
    assert (await analyst.send(f"/cases/{case}/reveal", reason="x")).status_code == 403


async def test_from_elsewhere_no_location_is_offered_or_shown(console: Any) -> None:
    analyst = await console.person(Role.ANALYST)
    case = await console.case(seen=False)
    console.app.state.ctx = replace(console.ctx, door=door(reveal_from=("192.0.2.0/24",)))
    assert f"/cases/{case}/reveal" not in (await analyst.get(f"/cases/{case}")).text
    answer = await analyst.send(f"/cases/{case}/reveal", reason="x")
    assert answer.status_code == 403
    assert "networks that the house has named" in answer.text
    assert CANARY not in answer.text
    console.app.state.ctx = replace(console.ctx, door=door(reveal_from=("127.0.0.1/32",)))
    assert CANARY in (await analyst.send(f"/cases/{case}/reveal", reason="x")).text


async def test_a_leaver_is_listed_and_ticked_off_by_another(console: Any, supervisor: Any) -> None:
    administrator = await console.person(Role.ADMINISTRATOR)
    await tokens.add_account(console.ctx, "ann", Role.ANALYST, ROUTER)
    await administrator.send("/people/close", account="ann")
    page = (await administrator.get("/people")).text
    assert "What those who left could know" in page
    assert "/people/tick" not in page
    (line, *more) = await farewell.farewells_of(console.ctx)
    assert (await administrator.send("/people/tick", id=line.id)).status_code == 403
    assert (await supervisor.send("/people/tick", id=line.id)).status_code == 303
    assert len(await farewell.farewells_of(console.ctx, open_only=True)) == len(more)


async def test_what_lets_somebody_do_more_asks_for_a_code_after_an_hour_and_what_ends_it_does_not(
    console: Any, supervisor: Any
) -> None:
    await tokens.add_account(console.ctx, "ann", Role.ANALYST, ROUTER)
    for _ in range(4):
        console.ctx.clock.advance(timedelta(minutes=16))
        await supervisor.get("/people")
    stale = await supervisor.send("/people/mandate", account="ann", until="2026-12-31")
    assert stale.status_code == 403
    assert await mandates.all_mandates(console.ctx) == []
    assert 'name="factor"' in stale.text
    assert not ACTS["close"].fresh
    assert not ACTS["end-mandate"].fresh


async def test_the_list_ranks_nobody(console: Any, supervisor: Any) -> None:
    for name in ("zoe", "ann", "mia"):
        await tokens.add_account(console.ctx, name, Role.ANALYST, ROUTER)
    page = (await supervisor.get("/people")).text
    assert page.index(">ann<") < page.index(">mia<") < page.index(">zoe<")


async def test_who_lost_their_app_is_let_in_by_a_supervisor_and_both_are_told(console: Any, supervisor: Any) -> None:
    account = await tokens.add_account(console.ctx, "ann", Role.ANALYST, ROUTER)
    secret = await factors.begin_app(console.ctx, account)
    await factors.confirm_app(console.ctx, account, pyotp.TOTP(secret).at(console.ctx.clock.now()))
    path = f"/signin/{await sessions.issue_link(console.ctx, 'ann', ROUTER)}"
    ann = console.stranger()
    asked = await ann.send(path)
    assert (asked.status_code, "set-cookie" in asked.headers) == (403, False)
    assert 'name="factor"' in asked.text
    assert (await ann.send(path, factor="000000")).status_code == 401
    answer = await ann.send(path, ask="true")
    asked = await ann.get(answer.headers["location"])
    assert "ask one to look under People" in asked.text
    first, path = path, answer.headers["location"].partition("?")[0]
    assert 'name="ask"' not in asked.text
    assert f'action="{path}"' in asked.text
    assert "let them in" in (await supervisor.get("/people")).text
    (one,) = await links.asking(console.ctx)
    await supervisor.send("/people/agree", id=one.id)
    assert (await ann.send(first)).status_code == 401, "only the browser that asked comes in"
    entered = await ann.send(path)
    assert entered.status_code == 303
    assert "Somebody came in as you" not in (await ann.get("/")).text, "whoever it is would say that it is known"
    again = console.stranger()
    other = await sessions.begin(console.ctx, account.actor)
    again.client.cookies.set("__Host-router", other.cookie, domain="router.test")
    assert "Somebody came in as you" in (await again.get("/")).text
    assert "ann came in by the link that you agreed to" in (await supervisor.get("/")).text
    await supervisor.send("/me/access/known")
    assert "came in by the link" not in (await supervisor.get("/")).text
