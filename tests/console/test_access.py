from typing import Any

import pytest
from fastapi import FastAPI, Request

from router.console import access
from router.console.access import COOKIE, allow, check_pages, check_same_origin
from router.errors import CannotStart, NotAllowed
from schemas.actor import Role


def asked(**headers: str) -> Request:
    pairs = [
        (name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "router.test", **headers}.items()
    ]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": pairs})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin", "origin": "null"},  # what browsers send from a page without a referrer
        {"origin": "https://router.test"},
    ],
)
def test_a_form_of_our_own_page_is_taken(headers: dict[str, str]) -> None:
    check_same_origin(asked(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "cross-site", "origin": "https://router.test"},
        {"origin": "https://evil.test"},
        {"origin": "https://router.test.evil.test"},
        {"origin": "null"},
    ],
)
def test_any_other_form_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        check_same_origin(asked(**headers))


async def test_without_a_session_a_page_leads_to_the_door_and_back(console: Any) -> None:
    answer = await console.stranger().get("/audit")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/audit")


async def test_a_cookie_that_is_not_ours_is_nobody(console: Any) -> None:
    stranger = console.stranger()
    stranger.client.cookies.set(COOKIE, "guessed", domain="router.test")
    assert (await stranger.get("/")).status_code == 303


async def test_a_form_without_a_session_does_nothing(console: Any) -> None:
    case = await console.case()
    answer = await console.stranger().send(f"/cases/{case}/close", reason="x", outcome="removed")
    assert answer.status_code == 401
    assert "Sign in" in answer.text


async def test_a_form_with_another_sessions_token_does_nothing(console: Any, analyst: Any, supervisor: Any) -> None:
    case = await console.case()
    answer = await analyst.send(f"/cases/{case}/close", csrf=supervisor.csrf, reason="x", outcome="removed")
    assert answer.status_code == 403
    assert "closed" not in (await analyst.get(f"/cases/{case}")).text.partition("Timeline")[0]


async def test_a_form_from_another_site_is_refused_before_the_session_is_looked_at(analyst: Any) -> None:
    answer = await analyst.client.post(
        "/signout", data={"csrf": analyst.csrf}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert (await analyst.get("/")).status_code == 200


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.VIEWER, "/", 200),
        (Role.VIEWER, "/audit", 403),
        (Role.ANALYST, "/audit", 403),
        (Role.SUPERVISOR, "/audit", 200),
        (Role.AUDITOR, "/audit", 200),
        (Role.ADMINISTRATOR, "/", 303),
        (Role.ADMINISTRATOR, "/cases", 403),
        (Role.ADMINISTRATOR, "/audit", 200),
    ],
)
async def test_each_role_sees_its_own_pages(console: Any, role: Role, path: str, status: int) -> None:
    assert (await (await console.person(role)).get(path)).status_code == status


@pytest.mark.parametrize("role", Role)
async def test_the_address_of_the_house_leads_everybody_to_a_page_of_theirs(console: Any, role: Role) -> None:
    """It is what people keep, where the provider leads back to, and what a page that failed offers."""
    browser = await console.person(role)
    answer = await browser.get("/")
    if answer.status_code == 303:
        answer = await browser.get(answer.headers["location"])
    assert answer.status_code == 200
    failed = (await browser.get("/cases/01999999-0000-7000-8000-000000000000")).text
    assert '<a href="/">Back to the first page</a>' in failed


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_who_may_not_act_cannot_and_is_offered_nothing(console: Any, role: Role, canary: str) -> None:
    case, person = await console.case(), await console.person(role)
    assert (await person.send(f"/cases/{case}/close", reason="x", outcome="removed")).status_code == 403
    revealed = await person.send(f"/cases/{case}/reveal", reason="x")
    assert revealed.status_code == 403
    assert canary not in revealed.text
    assert "/reveal" not in (await person.get(f"/cases/{case}")).text


def test_a_page_without_a_permission_is_found_at_the_start() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/open")
    async def page() -> None: ...

    with pytest.raises(CannotStart, match="/open"):
        check_pages(app)


def test_a_page_that_reads_its_form_too_early_is_found_at_the_start() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/early", dependencies=[allow("desk:act")])
    async def page(given: dict[str, str]) -> None: ...

    with pytest.raises(CannotStart, match="/early"):
        check_pages(app)


def test_the_cookie_is_for_this_host_only_and_out_of_reach_of_scripts() -> None:
    assert COOKIE.startswith("__Host-")
    assert access.allow("case:read").dependency.permission == "case:read"
