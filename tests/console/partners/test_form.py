"""A partner in a form: judged as the import is, each refusal beside its field, secrets never shown, two people."""

import json
from dataclasses import replace
from typing import Any

import pytest

from router.casework.govern import directory_change, second_person
from router.casework.govern.versions import import_directory, newest_directory
from router.console.partners.words import FAULT
from router.data.directory import DirectoryInvalid, read_directory
from router.partners.base import Tools
from router.partners.webhook import WebhookDialect
from schemas.actor import ROUTER, Role
from schemas.partner import Directory, Partner
from tests.console.conftest import PARTNERS
from tests.office import person

SECRET = "canary-secret-9"
EDIT = "/partners/hotline-nl/edit"
GOOD = {
    "title": "Dutch hotline", "kind": "hotline", "countries": "NL", "inhope": "true", "accepts": "baseline",
    "pace.per_second": "50", "pace.burst": "50", "pace.in_flight": "8", "config.url": "https://p.example/hook",
    "config.template": '{"type": "referral"}',
}  # fmt: skip
CARLA = person("carla", Role.SUPERVISOR)


@pytest.fixture
async def desk(console: Any) -> Any:
    """A console whose partners speak by webhook; `hotline-nl` has a secret already."""
    nothing: Any = None
    dialect = WebhookDialect(Tools(egress=nothing, clock=console.ctx.clock, me="hotline-be"))
    config = {"url": "https://p.example/hook", "secrets": [SECRET], "template": {"type": "referral"}}
    partners = tuple(
        one.model_copy(update={"dialect": "webhook", "enabled": False, "config": config}) for one in PARTNERS
    )
    console.ctx = replace(console.ctx, dialects={"webhook": dialect})
    console.app.state.ctx = console.ctx
    console.ctx.governance.directory_ = Directory(version=1, partners=partners)
    await import_directory(console.ctx.store, console.ctx.clock, Directory(partners=partners), ROUTER)
    return console


async def seen(browser: Any, read: Any, path: str = EDIT) -> dict[str, str]:
    page = read((await browser.get(path)).text)
    return {str(one["name"]): str(one.get("value") or "") for one in page.all("input") if one.get("name") == "seen"}


async def in_force(console: Any, name: str = "hotline-nl") -> Partner | None:
    return (await newest_directory(console.ctx.store)).named(name)


async def test_what_narrows_is_in_force_and_what_widens_waits(desk: Any, supervisor: Any, read: Any) -> None:
    fields = {**GOOD, **await seen(supervisor, read)}
    answer = await supervisor.send(EDIT, **fields | {"title": "Another title"})
    assert answer.headers["location"] == "/partners/hotline-nl?done=entry"
    found = await in_force(desk)
    assert found is not None
    assert (found.title, found.config["secrets"]) == ("Another title", [SECRET])
    wider = {**GOOD, **await seen(supervisor, read), "countries": "NL DE"}
    assert (await supervisor.send(EDIT, **wider)).headers["location"] == "/changes?done=proposed"
    page = (await supervisor.get("/changes")).text
    assert "another person confirms it" in page
    assert "/changes/partner:hotline-nl/confirm" not in page
    (view,) = await second_person.shown(desk.ctx)
    assert [(one.field, one.was, one.becomes) for one in view.changes if one.field == "countries"] == [
        ("countries", '["NL"]', '["NL","DE"]')
    ]
    await second_person.confirm(desk.ctx, "partner:hotline-nl", CARLA, view.id)
    confirmed = await in_force(desk)
    assert confirmed is not None
    assert confirmed.countries == ("NL", "DE")


async def test_a_new_partner_is_added_once(desk: Any, supervisor: Any) -> None:
    assert "webhook" in (await supervisor.get("/new-partner")).text
    assert 'name="config.url"' in (await supervisor.get("/new-partner?dialect=webhook")).text
    fields = {**GOOD, "name": "hotline-de", "countries": "DE", "dialect": "webhook", "config.secrets": "de"}
    assert (await supervisor.send("/new-partner", **fields)).headers["location"] == "/changes?done=proposed"
    again = await supervisor.send("/new-partner", **fields)
    assert again.status_code == 422
    assert 'id="wrong-name-1"' in again.text
    assert (await supervisor.send("/new-partner", **fields | {"dialect": "pigeon"})).status_code == 422


#: A field, what is typed, and the same as it stands in a file.
WRONG: list[tuple[str, str, Any]] = [
    ("countries", "XX", ["XX"]),
    ("countries", "", []),
    ("title", "", None),
    ("pace.burst", "many", "many"),
    ("pace.burst", "0", 0),
    ("pace.daily_cap", "-1", -1),
    ("pace.closed", "25:00-26:00", [{"start": "25:00", "end": "26:00"}]),
    ("agreement.until", "soon", "soon"),
    ("networks", "8.8.8.0/24", ["8.8.8.0/24"]),
    ("kind", "bank", "bank"),
    ("config.url", "http://p.example", "http://p.example"),
    ("config.url", "", None),
    ("config.receipt_pointer", "x", "x"),
    ("disabled_reason", "why?", "why?"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "typed", "value"), WRONG)
async def test_a_form_is_judged_as_a_file_is(
    desk: Any, supervisor: Any, read: Any, path: str, typed: str, value: Any
) -> None:
    before = await in_force(desk)
    assert before is not None
    fields = {**GOOD, **await seen(supervisor, read), "enabled": "true"}
    answer = await supervisor.send(EDIT, **{**fields, path: typed})
    assert answer.status_code == 422
    mistake, *_ = await by_file(desk, before, path, value)
    marked = answer.text.partition(f'id="wrong-{path}-1">')[2].partition("</p>")[0]
    said = FAULT.get(mistake.code) or mistake.text
    assert said.lower().rstrip(".") in marked.replace("&#39;", "'").lower()
    assert 'aria-invalid="true"' in answer.text
    assert await in_force(desk) == before


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
async def test_what_is_wrong_is_said_in_the_language_of_the_house(desk: Any, read: Any, language: str) -> None:
    browser = await desk.person(Role.SUPERVISOR, language)
    for path, typed, _ in WRONG:
        page = await browser.send(EDIT, **{**GOOD, **await seen(browser, read), "enabled": "true", path: typed})
        marked = page.text.partition(f'id="wrong-{path}-1">')[2].partition("</p>")[0]
        assert (marked != "", "lang=" in marked) == (True, False), path


async def by_file(desk: Any, before: Partner, path: str, value: Any) -> list[Any]:
    """What `partners add` says of the same entry as a file."""
    entry: Any = {**before.model_dump(mode="json"), "enabled": True}
    *way, last = path.split(".")
    place = entry
    for part in way:
        place = place[part]
    place[last] = value
    if value is None:
        del place[last]
    try:
        (partner,) = read_directory(json.dumps({"partners": [entry]})).partners
        await directory_change.put_partner(desk.ctx, partner, CARLA)
    except DirectoryInvalid as found:
        return list(found.mistakes)
    return []


async def test_no_secret_is_ever_shown(desk: Any, supervisor: Any, read: Any) -> None:
    fields = {**GOOD, **await seen(supervisor, read)}
    page = (await supervisor.get(EDIT)).text
    refused = await supervisor.send(EDIT, **fields | {"config.secrets": "Pasted-By-Mistake!", "title": ""})
    assert refused.status_code == 422
    assert SECRET not in page + refused.text
    assert "Pasted-By-Mistake" not in refused.text
    assert 'value="https://p.example/hook"' in refused.text  # all else is kept for whoever corrects it


async def test_somebody_was_faster_or_the_button_was_pressed_twice(desk: Any, supervisor: Any, read: Any) -> None:
    fields = {**GOOD, **await seen(supervisor, read), "countries": "NL DE"}
    assert (await supervisor.send(EDIT, **fields)).status_code == 303
    (first,) = await second_person.shown(desk.ctx)
    again = await supervisor.send(EDIT, **fields)
    assert again.status_code == 409
    assert "Changed in the meantime" in again.text
    assert [one.id for one in await second_person.shown(desk.ctx)] == [first.id]
    assert "proposed a change of it" in (await supervisor.get(EDIT)).text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.AUDITOR])
async def test_others_see_no_form(desk: Any, role: Role) -> None:
    browser = await desk.person(role)
    for path in (EDIT, "/new-partner"):
        assert (await browser.get(path)).status_code == 403
        assert (await browser.send(path, **GOOD)).status_code == 403
    assert "/edit" not in (await browser.get("/partners/hotline-nl")).text


async def test_a_form_of_another_session_and_one_of_nobody(desk: Any, supervisor: Any, analyst: Any, read: Any) -> None:
    fields = {**GOOD, **await seen(supervisor, read)}
    assert (await supervisor.get("/partners/nobody/edit")).status_code == 404
    supervisor.csrf = analyst.csrf
    assert (await supervisor.send(EDIT, **fields)).status_code == 403


async def test_refusals_are_in_the_language_of_the_page_and_markup_is_text(desk: Any, read: Any) -> None:
    dutch = await desk.person(Role.SUPERVISOR, locale="nl")
    hostile = '"><script>alert(1)</script>'
    fields = {**GOOD, **await seen(dutch, read), "countries": "", "title": hostile, "config.template": hostile}
    answer = await dutch.send(EDIT, **fields)
    assert "Dit is geen JSON." in answer.text
    assert "<script>alert" not in answer.text
    answer = await dutch.send(EDIT, **fields | {"config.template": "{}"})
    assert "Noem minstens één land." in answer.text
