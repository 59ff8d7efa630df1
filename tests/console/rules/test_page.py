"""An override made a rule on the console: drafted, shown with its effect, published by a supervisor, with no script."""

from dataclasses import replace
from typing import Any

import pytest

from router.casework.desk import case_acts
from router.casework.govern.second_person import shown
from router.casework.govern.versions import Following, import_directory, publish_policy
from router.store.schema.tables import cases, policies, referrals
from schemas.actor import ROUTER, Actor, Role
from schemas.partner import Directory
from schemas.vocabulary import Assessment
from tests.casework.govern.rules.test_draft import TEXT
from tests.console.conftest import CANARY, LOCATION, PARTNERS
from tests.console.test_embargoes import second

STAFF = Actor(id="person:anna-supervisor")


@pytest.fixture
async def ruled(console: Any) -> Any:
    """A console whose policy is one of the store's versions, as in a router."""
    store, clock = console.ctx.store, console.ctx.clock
    await import_directory(store, clock, Directory(partners=PARTNERS), ROUTER)
    await publish_policy(store, clock, TEXT, ROUTER)
    console.app.state.ctx = console.ctx = replace(console.ctx, governance=Following(store, clock))
    return console


async def overridden(console: Any) -> str:
    case: str = await console.case(source="analysts")
    await case_acts.refer(
        console.ctx, case, STAFF, "they answer for it", partner="hotline-ca", assessment=Assessment.BASELINE
    )
    return case


async def test_it_is_drafted_shown_published_and_followed(ruled: Any, supervisor: Any) -> None:
    case = await overridden(ruled)
    assert f'href="/rules/{case}"' in (await supervisor.get(f"/cases/{case}")).text
    asked = (await supervisor.get(f"/rules/{case}")).text
    assert ("this host" in asked, f"/rules/{case}/publish" in asked) == (True, False)
    page = (await supervisor.get(f"/rules/{case}?scope=host&mode=automatic")).text
    assert "always-host-1" in page
    assert "another person confirms it" in page
    assert CANARY not in page
    done = await supervisor.send(f"/rules/{case}/publish", scope="host", mode="automatic", partner="hotline-ca", over=1)
    assert done.headers["location"] == f"/rules/{case}?done=asked"
    assert "waits for another person" in (await supervisor.get(done.headers["location"])).text
    (waits,) = await shown(ruled.ctx)
    bob = await second(ruled)
    assert (await bob.send("/changes/policy/confirm", id=waits.id)).status_code == 303
    ruled.ctx.governance.forget()
    again = await ruled.case("r-2", f"{LOCATION}/2", source="analysts")
    rows = await ruled.ctx.store.rows(cases.select().where(cases.c.id == again))
    found = await supervisor.get(f"/cases/{again}")
    assert rows[0]["policy_version"] == 2
    assert "always-host-1" in found.text
    texts = await ruled.ctx.store.rows(policies.select())
    assert not [row for row in texts if CANARY in row["body"]]
    assert await ruled.ctx.store.rows(referrals.select().where(referrals.c.partner == "hotline-ca"))
    for path in (
        "/rules",
        "/rules/versions/2",
        "/rules/versions/1?of=2",
        "/rules/try",
        f"/rules/{case}",
        "/changes",
        "/audit",
    ):
        page = await supervisor.get(path)
        assert (page.status_code, CANARY in page.text) == (200, False), path


async def test_what_nobody_could_publish_is_not_offered_and_says_which_tests_fail(
    ruled: Any, supervisor: Any, analyst: Any
) -> None:
    """The partners changed since the policy was published: its own tests fail, so no text of it is put in force."""
    case = await overridden(ruled)
    takes = {"accepts": (Assessment.NATIONAL,)}
    changed = tuple(one.model_copy(update=takes if one.name == "hotline-nl" else {}) for one in PARTNERS)
    await import_directory(ruled.ctx.store, ruled.ctx.clock, Directory(partners=changed), ROUTER)
    ruled.ctx.governance.forget()
    for browser in (supervisor, analyst):
        page = (await browser.get(f"/rules/{case}?scope=host&mode=automatic")).text
        assert "wants hotline-nl, got" in page
        assert (f"/rules/{case}/publish" in page, f"/rules/{case}/hand-in" in page) == (False, False)


async def test_a_draft_of_another_version_is_shown_again_and_not_published(ruled: Any, supervisor: Any) -> None:
    case = await overridden(ruled)
    old = await supervisor.send(f"/rules/{case}/publish", scope="host", mode="propose", partner="hotline-ca", over=7)
    assert (old.status_code, "always-host-1" in old.text) == (409, True)
    assert await shown(ruled.ctx) == []


async def test_an_analyst_hands_it_in_and_a_supervisor_finds_it_on_every_page(
    ruled: Any, supervisor: Any, analyst: Any
) -> None:
    case = await overridden(ruled)
    assert f'href="/rules/{case}"' in (await analyst.get(f"/cases/{case}")).text
    page = (await analyst.get(f"/rules/{case}?scope=host&mode=automatic")).text
    assert (f"/rules/{case}/hand-in" in page, f"/rules/{case}/publish" in page) == (True, False)
    refused = await analyst.send(f"/rules/{case}/publish", scope="host", mode="automatic", partner="hotline-ca", over=1)
    assert refused.status_code == 403
    done = await analyst.send(f"/rules/{case}/hand-in", scope="host", mode="automatic", partner="hotline-ca")
    assert done.headers["location"] == f"/rules/{case}?done=handed-in"
    assert 'Rules <span class="count">1</span>' in (await supervisor.get("/stops")).text
    assert 'class="count"' not in (await analyst.get("/stops")).text
    assert "Always for this host: Canadian hotline" in (await supervisor.get("/rules")).text
    assert f'href="/rules/{case}"' in (await supervisor.get("/changes")).text
    page = (await supervisor.get(f"/rules/{case}")).text
    assert ("anna-analyst drafted it" in page, "always-host-1" in page) == (True, True)
    assert CANARY not in page
    await supervisor.send(f"/rules/{case}/publish", scope="host", mode="automatic", partner="hotline-ca", over=1)
    assert [one.subject for one in await shown(ruled.ctx)] == ["policy"]


async def test_its_author_takes_it_back(ruled: Any, analyst: Any) -> None:
    case = await overridden(ruled)
    await analyst.send(f"/rules/{case}/hand-in", scope="source", mode="propose")
    assert f"/rules/{case}/withdraw" in (await analyst.get(f"/rules/{case}")).text
    (waits,) = await shown(ruled.ctx)
    done = await analyst.send(f"/rules/{case}/withdraw", id=waits.id)
    assert (done.headers["location"], await shown(ruled.ctx)) == ("/rules?done=taken-back", [])
    assert (await analyst.send(f"/rules/{case}/withdraw", id=waits.id)).status_code == 404


async def test_what_no_rule_can_do_is_said_and_who_decides_nothing_sees_none(ruled: Any, supervisor: Any) -> None:
    viewer = await ruled.person(Role.VIEWER)
    case = await ruled.case(source="analysts")
    none = await supervisor.get(f"/rules/{case}?scope=host")
    assert (none.status_code, "by hand" in none.text) == (409, True)
    assert (await supervisor.get(f"/rules/{case}?scope=country")).status_code == 422
    assert (await viewer.get(f"/rules/{case}")).status_code == 403
    assert f"/rules/{case}" not in (await viewer.get(f"/cases/{case}")).text


@pytest.mark.parametrize(("locale", "words"), [("nl", "Altijd voor"), ("fr", "Toujours pour"), ("de", "Immer für")])
async def test_it_speaks_the_language_of_the_house(ruled: Any, locale: str, words: str) -> None:
    case = await overridden(ruled)
    browser = await ruled.person(Role.SUPERVISOR, locale)
    page = (await browser.get(f"/rules/{case}?scope=host")).text
    assert words in page
    assert ">Publish" not in page


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
async def test_what_a_draft_is_refused_with_is_said_in_the_language_of_the_house(ruled: Any, language: str) -> None:
    """A rule that no rule can be, and one that fails a test of the policy since the directory changed."""
    case = await overridden(ruled)
    browser = await ruled.person(Role.SUPERVISOR, language)
    pages = [
        await browser.get(f"/rules/{case}?scope=host&partner=hotline-xx"),
        await browser.get(f"/rules/{case}?scope=network"),
        await browser.get(f"/rules/{await ruled.case('r-3', f'{LOCATION}/3', source='analysts')}?scope=host"),
    ]
    elsewhere = [one.model_copy(update={"countries": ("FR",)}) if one.name == "hotline-nl" else one for one in PARTNERS]
    await import_directory(ruled.ctx.store, ruled.ctx.clock, Directory(partners=tuple(elsewhere)), ROUTER)
    fields = {"scope": "host", "mode": "automatic", "partner": "hotline-ca", "over": 1}
    pages.append(await browser.send(f"/rules/{case}/publish", **fields))
    for page in pages:
        assert page.status_code in {404, 409, 422}, page.status_code
        assert 'lang="en"' not in page.text.partition("<main")[2].partition("</main>")[0], page.text
