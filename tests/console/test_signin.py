# ruff: noqa: RUF001 - the pages have typographic apostrophes

from typing import Any

import pytest

from router.casework.people import sessions, tokens
from router.console.access import COOKIE
from router.console.signin import local
from schemas.actor import ROUTER, Role
from schemas.acts import TokenGiven
from tests.office import token_for, token_of


async def linked(console: Any) -> str:
    await tokens.add_account(console.ctx, "bert", Role.ANALYST, ROUTER)
    return "/signin/" + await sessions.issue_link(console.ctx, "bert", ROUTER)


async def test_a_link_is_used_up_by_its_button_not_by_looking_at_it(console: Any) -> None:
    link, browser = await linked(console), console.stranger()
    for _ in range(3):  # a mail scanner, twice, and the person
        assert (await browser.get(link)).status_code == 200
    answer = await browser.send(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await browser.get("/")).status_code == 200


async def test_a_link_works_once(console: Any) -> None:
    link = await linked(console)
    await console.stranger().send(link)
    again = await console.stranger().send(link)
    assert again.status_code == 401
    assert "ask for another" in again.text
    assert COOKIE not in again.headers.get("set-cookie", "")


async def test_the_cookie_of_a_session(console: Any) -> None:
    answer = await console.stranger().send(await linked(console))
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-router=")
    assert {"secure", "httponly", "path=/", "samesite=strict"} <= {part.strip() for part in cookie.split(";")}
    assert "domain" not in cookie


async def test_a_persons_token_begins_a_session_and_leads_where_they_wanted(console: Any) -> None:
    token, browser = await token_for(console.ctx, Role.SUPERVISOR), console.stranger()
    answer = await browser.send("/signin", token=token, next="/audit")
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit")


async def test_an_administrator_begins_where_they_may_look(console: Any) -> None:
    answer = await console.stranger().send("/signin", token=await token_for(console.ctx, Role.ADMINISTRATOR))
    assert answer.headers["location"] == "/audit"


@pytest.mark.parametrize("wrong", ["", "rr_live_nonsense", "source"])
async def test_any_other_token_stays_outside_and_is_not_shown_back(console: Any, wrong: str) -> None:
    token = await token_of(console.ctx, "form") if wrong == "source" else wrong
    answer = await console.stranger().send("/signin", token=token)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert not token or token not in answer.text


async def test_a_token_that_allows_less_than_its_account_is_told_to_take_a_link(console: Any) -> None:
    await tokens.add_account(console.ctx, "carla", Role.ANALYST, ROUTER)
    issued = await tokens.create_token(console.ctx, TokenGiven(name="x", account="carla"), ROUTER)
    answer = await console.stranger().send("/signin", token=issued.token)
    assert answer.status_code == 401
    assert "sign in with a one-time link" in answer.text
    assert "<code>accounts invite NAME</code>" in answer.text
    assert COOKIE not in answer.headers.get("set-cookie", "")


async def test_a_revoked_token_stays_outside(console: Any) -> None:
    account = await tokens.add_account(console.ctx, "carla", Role.ANALYST, ROUTER)
    issued = await tokens.create_token(console.ctx, TokenGiven(name="x", account="carla"), account.actor)
    await tokens.revoke_token(console.ctx, issued.view.id, ROUTER)
    assert (await console.stranger().send("/signin", token=issued.token)).status_code == 401


async def test_signing_out_ends_the_session_in_the_store(console: Any, analyst: Any) -> None:
    stolen = analyst.client.cookies.get(COOKIE)
    answer = await analyst.send("/signout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signout")
    thief = console.stranger()
    thief.client.cookies.set(COOKIE, stolen, domain="router.test")
    assert (await thief.get("/")).status_code == 303
    assert "signed out" in (await thief.get("/signout")).text


async def test_signing_out_without_a_session_is_no_error(console: Any) -> None:
    assert (await console.stranger().send("/signout")).status_code == 303


async def test_a_choice_of_language_is_kept_and_leads_back(console: Any) -> None:
    browser = console.stranger()
    answer = await browser.send("/language", language="nl", next="/signin")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin")
    assert '<html lang="nl">' in (await browser.get("/signin")).text


async def test_a_language_that_is_not_there_is_refused(console: Any) -> None:
    assert (await console.stranger().send("/language", language="xx")).status_code == 422


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/cases", "/cases"),
        ("/cases/01999999-0000-7000-8000-000000000000", "/cases/01999999-0000-7000-8000-000000000000"),
        ("/audit", "/audit"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("/cases/../../x", "/"),
        ("/cases\n", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_led_elsewhere_after_signing_in(wanted: str, led_to: str) -> None:
    assert local(wanted) == led_to


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "seksuele misbruikbeelden van kinderen"),
        ("fr", "images d’abus sexuels d’enfants"),
        ("de", "Darstellungen sexuellen Kindesmissbrauchs"),
        ("en", "child sexual abuse material"),
    ],
)
async def test_the_door_names_what_this_is_about_in_the_words_that_respect_the_child(
    console: Any, language: str, words: str
) -> None:
    page = await console.stranger(**{"accept-language": language}).get("/signin")
    assert words in page.text


@pytest.mark.parametrize(("locale", "spoken"), [("", "de"), ("fr", "fr")])
async def test_who_never_chose_a_language_is_spoken_to_in_the_browsers(console: Any, locale: str, spoken: str) -> None:
    person = await console.person(Role.ANALYST, locale)
    answer = await person.client.get("/", headers={"accept-language": "de-DE, en;q=0.5"})
    assert f'<html lang="{spoken}"' in answer.text
