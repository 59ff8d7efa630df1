"""What waits for a second person on the console: shown field by field, confirmed by another, taken back by anybody."""

from typing import Any

import pytest

from router.casework.alarm.ways import publish
from router.casework.govern.directory_change import put_partner
from router.casework.govern.second_person import shown
from router.casework.govern.versions import import_directory, newest_directory
from schemas.actor import ROUTER, Role
from schemas.alarm import AlarmSettings, Webhook
from schemas.partner import Directory
from tests.console.conftest import PARTNERS
from tests.office import person

SUBJECT = "partner:hotline-nl"
RECEIVER = "https://ring.example/secret"


@pytest.fixture
async def proposed(console: Any) -> str:
    """A change of a partner's countries, which somebody else proposed; its id."""
    off = tuple(one.model_copy(update={"enabled": False}) for one in PARTNERS)
    ctx = console.ctx
    await import_directory(ctx.store, ctx.clock, Directory(partners=off), ROUTER)
    await put_partner(ctx, off[0].model_copy(update={"countries": ("NL", "DE")}), person("carla", Role.SUPERVISOR))
    (view,) = await shown(ctx)
    return view.id


async def countries(console: Any) -> tuple[str, ...]:
    found = (await newest_directory(console.ctx.store)).named("hotline-nl")
    assert found is not None
    return found.countries


async def test_it_is_shown_with_who_and_what_and_confirmed(console: Any, proposed: str, supervisor: Any) -> None:
    page = (await supervisor.get("/changes")).text
    assert all(word in page for word in ("carla", "hotline-nl", "countries", "DE", proposed))
    answer = await supervisor.send(f"/changes/{SUBJECT}/confirm", id=proposed)
    assert answer.headers["location"] == "/changes?done=confirm"
    assert await countries(console) == ("NL", "DE")
    assert "Nothing waits for a second person." in (await supervisor.get("/changes")).text


async def test_whoever_proposed_it_is_offered_no_confirmation(console: Any, supervisor: Any) -> None:
    await import_directory(console.ctx.store, console.ctx.clock, Directory(partners=PARTNERS[:1]), ROUTER)
    mine = PARTNERS[0].model_copy(update={"enabled": False, "countries": ("NL", "DE")})
    await put_partner(console.ctx, mine, person("anna-supervisor", Role.SUPERVISOR))
    page = (await supervisor.get("/changes")).text
    assert "another person confirms it" in page
    assert f"/changes/{SUBJECT}/confirm" not in page
    answer = await supervisor.send(f"/changes/{SUBJECT}/confirm")
    assert (answer.status_code, await countries(console)) == (403, ("NL",))


async def test_it_is_taken_back(console: Any, proposed: str, supervisor: Any) -> None:
    answer = await supervisor.send(f"/changes/{SUBJECT}/withdraw", id=proposed)
    assert answer.headers["location"] == "/changes?done=withdraw"
    assert await shown(console.ctx) == []
    assert (await supervisor.send(f"/changes/{SUBJECT}/confirm", id=proposed)).status_code == 404


async def test_one_alone_breaks_the_glass_with_a_reason(console: Any, proposed: str, supervisor: Any) -> None:
    ways = AlarmSettings(webhook=(Webhook(url=RECEIVER),))
    await publish(console.ctx.store, ways, console.ctx.now(), ROUTER)
    glass = f"/changes/{SUBJECT}/break-glass"
    assert (await supervisor.send(glass, id=proposed)).status_code == 422
    answer = await supervisor.send(glass, id=proposed, reason="nobody else is there")
    assert answer.headers["location"] == "/changes?done=break-glass"
    assert await countries(console) == ("NL", "DE")
    assert "in force by anna-supervisor alone" in (await supervisor.get("/changes")).text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.AUDITOR])
async def test_others_see_it_and_settle_nothing(console: Any, proposed: str, role: Role) -> None:
    browser = await console.person(role)
    page = (await browser.get("/changes")).text
    assert "carla" in page
    assert "/changes/partner" not in page
    for act in ("confirm", "withdraw", "break-glass"):
        assert (await browser.send(f"/changes/{SUBJECT}/{act}", id=proposed, reason="x")).status_code == 403


async def test_what_is_no_act(supervisor: Any) -> None:
    assert (await supervisor.send(f"/changes/{SUBJECT}/burn")).status_code == 404
