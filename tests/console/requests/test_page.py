"""The register on the console: opened by one, agreed to by another, found once and for the officer's eyes alone."""

from datetime import timedelta
from typing import Any

import pytest

from router.casework.govern import requests
from schemas.actor import Role
from tests.asked import LETTER
from tests.console.conftest import CANARY, LOCATION

HANDLE = f"@{CANARY}-somebody"


def form(**more: str) -> dict[str, str]:
    given = {"kind": "access", "received_on": "2026-11-20", "asked_by": LETTER, "urls": LOCATION}
    return {**given, "accounts": f"Chat = {HANDLE}", **more}


@pytest.fixture
async def officer(console: Any) -> Any:
    return await console.person(Role.OFFICER)


async def test_opened_agreed_to_searched_extended_and_closed(console: Any, officer: Any, supervisor: Any) -> None:
    case = await console.case()
    assert (await officer.send("/requests", **form())).status_code == 303
    (one,) = (await requests.listed(console.ctx)).items
    page = (await officer.get("/requests?done=request")).text
    assert all(said in page for said in ("to be answered by 2026-12-21", "Another person has to agree"))
    assert f"/requests/{one.id}/agree" not in page, "who opened it does not agree to it"
    assert (await officer.send(f"/requests/{one.id}/agree")).status_code == 403
    read = (await supervisor.send(f"/requests/{one.id}/read")).text
    assert all(said in read for said in (LETTER, "somebody", "(Chat)", "hxxps:"))
    assert f"/requests/{one.id}/agree" in (await supervisor.get("/requests")).text
    assert (await supervisor.send(f"/requests/{one.id}/agree")).status_code == 303
    assert f"/requests/{one.id}/search" not in (await supervisor.get("/requests")).text
    assert (await supervisor.send(f"/requests/{one.id}/search")).status_code == 403
    found = (await officer.send(f"/requests/{one.id}/search")).text
    assert all(said in found for said in (f"/cases/{case}", "by term 1", "Shown this once"))
    assert CANARY not in found
    assert (await officer.send(f"/requests/{one.id}/extend", reason="many accounts")).status_code == 303
    assert "to be answered by 2027-02-22" in (await officer.get("/requests")).text
    assert (await officer.send(f"/requests/{one.id}/close", outcome="partly", reason="by letter")).status_code == 303
    assert "Nobody waits for an answer." in (await officer.get("/requests")).text
    assert "granted in part" in (await officer.get("/requests?closed=true")).text


async def test_what_is_due_stands_on_the_strip_of_those_who_answer(console: Any, officer: Any, analyst: Any) -> None:
    await officer.send("/requests", **form())
    assert "Requests due" not in (await officer.get("/requests")).text
    console.ctx.clock.advance(timedelta(hours=8))
    (one,) = (await requests.listed(console.ctx)).items
    late = one.due_on - console.ctx.clock.now().date()
    console.ctx.clock.advance(late - timedelta(days=7))
    again = await console.person(Role.SUPERVISOR)
    assert "Requests due" in (await again.get("/")).text
    assert ">overdue<" not in (await again.get("/requests")).text
    ana = await console.person(Role.VIEWER)
    assert "Requests due" not in (await ana.get("/")).text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"received_on": "2030-01-01"}, "today or before"),
        ({"received_on": "soon"}, "today or before"),
        ({"urls": "", "accounts": ""}, "one to twenty terms"),
        ({"accounts": "somebody"}, "one to twenty terms"),
        ({"hosts": "no host"}, "one to twenty terms"),
        ({"kind": "portability"}, "Nothing was done"),
    ],
)
async def test_bad_input_keeps_what_was_typed(console: Any, officer: Any, more: dict[str, str], words: str) -> None:
    answer = await officer.send("/requests", **form(**more))
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{LETTER}"' in answer.text
    assert (await requests.listed(console.ctx)).items == []


async def test_it_is_no_page_of_anybody_else(console: Any, officer: Any, analyst: Any) -> None:
    await officer.send("/requests", **form())
    (one,) = (await requests.listed(console.ctx)).items
    for role in (Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR):
        other = await console.person(role)
        assert (await other.get("/requests")).status_code == 403
        for act in ("read", "agree", "search", "extend", "close"):
            assert (await other.send(f"/requests/{one.id}/{act}", reason="x", outcome="granted")).status_code == 403
    assert (await analyst.get("/requests")).status_code == 403


async def test_what_is_asked_about_is_on_no_other_page(console: Any, officer: Any) -> None:
    await officer.send("/requests", **form())
    for path in ("/requests", "/audit", "/figures", "/"):
        assert CANARY not in (await officer.get(path)).text, path


async def test_acts_that_are_not_now_are_said(console: Any, officer: Any) -> None:
    await officer.send("/requests", **form())
    (one,) = (await requests.listed(console.ctx)).items
    assert (await officer.send(f"/requests/{one.id}/search")).status_code == 409
    assert (await officer.send(f"/requests/{one.id}/extend", reason="")).status_code == 422
    assert (await officer.send(f"/requests/{one.id}/dance")).status_code == 404
    unknown = "01999999-0000-7000-8000-000000000000"
    for act in ("read", "search", "agree"):
        assert (await officer.send(f"/requests/{unknown}/{act}")).status_code == 404
