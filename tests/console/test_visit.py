from dataclasses import replace
from typing import Any

import pytest
from fastapi import Request

from router.casework.people import sessions, tokens
from router.console.visit import Visit
from schemas.actor import ROUTER, Role


async def visit(console: Any, role: Role) -> Visit:
    account = await tokens.add_account(console.ctx, f"v-{role}", role, ROUTER)
    opened = await sessions.begin(console.ctx, account.actor)
    return Visit(Request({"type": "http", "method": "GET", "headers": []}), console.ctx, opened.session)


@pytest.mark.parametrize(
    ("role", "home", "audit", "reveal"),
    [
        (Role.VIEWER, "/", False, False),
        (Role.ANALYST, "/", False, True),
        (Role.SUPERVISOR, "/", True, True),
        (Role.AUDITOR, "/", True, False),
        (Role.ADMINISTRATOR, "/audit", True, False),
    ],
)
async def test_what_each_role_may(console: Any, role: Role, home: str, audit: bool, reveal: bool) -> None:
    found = await visit(console, role)
    assert (found.home(), found.may("audit:read"), found.may("case:reveal")) == (home, audit, reveal)


async def test_a_page_after_a_form_is_asked_for_anew(console: Any) -> None:
    answer = (await visit(console, Role.ANALYST)).go("/cases/x", done="send")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/x?done=send")


async def test_the_strip_is_for_those_who_may_see_figures(console: Any) -> None:
    for role, shown in ((Role.VIEWER, True), (Role.ADMINISTRATOR, True)):
        person = await console.person(role)
        assert ('class="strip"' in (await person.get("/audit")).text) is (shown and role is Role.ADMINISTRATOR)


async def test_the_strip_says_that_new_data_wait(console: Any) -> None:
    person = await console.person(Role.VIEWER, locale="nl")
    assert "Hosts die nieuwe gegevens verplaatsen" not in (await person.get("/")).text
    console.app.state.ctx = replace(console.ctx, hosts_moved=lambda: 35)
    page = (await person.get("/")).text
    assert "Hosts die nieuwe gegevens verplaatsen" in page
    assert "data accept" in page


async def test_the_account_says_which_language(console: Any) -> None:
    dutch = await console.person(Role.VIEWER, locale="nl")
    assert '<html lang="nl">' in (await dutch.get("/")).text
