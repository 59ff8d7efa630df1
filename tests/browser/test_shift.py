"""A shift that begins in a real browser, in Dutch from the door to the police; and an act on 300 items.

The world is that of the demo: the unit's folder lies on this machine, and the unit opens what is in it with `openssl`.
"""

import asyncio
import json
from collections.abc import Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

# The world of three processes stands once for this file, and three hundred items are decided first.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
expect.set_options(timeout=30_000)
PASSWORD = "zeven grijze reigers wachten"
MANY = 300
SEEN = {"value": "baseline", "assessed_by": "analyst 7", "assessed_at": "2026-11-22T16:30:00Z"}


async def there(hotline: Any, work: Coroutine[Any, Any, Any]) -> Any:
    """Do something in the world's own loop."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, hotline.loop))


def reported(reference: str, location: str, **more: Any) -> str:
    return json.dumps(
        {"source": "analysts", "received_at": "2026-11-22T09:00:00Z", "reference": reference}
        | {"items": [{"location": location}], **more}
    )


def code_of(hotline: Any, secret: str) -> str:
    """What the person's phone shows at this moment of the story."""
    return pyotp.TOTP(secret).at(hotline.stage.clock.now())


async def all_dutch(page: "Page") -> None:
    """Nothing is left in English but the names of languages and what people typed."""
    assert await page.locator("html").get_attribute("lang") == "nl"
    assert await page.locator("[lang=en]:not(.languages *)").all_inner_texts() == []


async def with_a_password_and_an_app(hotline: Any, page: "Page") -> str:
    """Set both, once, as somebody does on their first day with a link; return the secret of the app, signed out."""
    await page.goto(await hotline.link())
    await page.get_by_role("button", name="Aanmelden").click()
    await page.wait_for_url(hotline.url + "/")
    await page.goto(hotline.url + "/me/access")
    await page.get_by_label("Nieuw wachtwoord, 12 tekens of meer").fill(PASSWORD)
    await page.get_by_role("button", name="Wachtwoord instellen").click()
    await page.get_by_role("button", name="De app instellen").click()
    secret = await page.locator("section[aria-labelledby=app-new] code").inner_text()
    await page.get_by_label("Code die de app toont").fill(code_of(hotline, secret))
    await all_dutch(page)
    await page.get_by_role("button", name="Deze app gebruiken").click()
    await expect(page.locator(".codes li")).not_to_have_count(0)
    await page.get_by_role("button", name="Afmelden").click()
    return secret


async def sign_in(hotline: Any, page: "Page", secret: str) -> None:
    """Sign in by the form at the door, with a code that was not used yet."""
    await there(hotline, hotline.stage.pass_time(timedelta(minutes=1)))
    await page.goto(hotline.url + "/signin")
    await all_dutch(page)
    await page.get_by_label("Account").fill("demo")
    await page.get_by_label("Wachtwoord").fill(PASSWORD)
    await page.get_by_label("Code van uw authenticator-app").fill(code_of(hotline, secret))
    await page.get_by_role("button", name="Aanmelden", exact=True).click()
    await page.wait_for_url(hotline.url + "/")


async def has_come(hotline: Any, location: str) -> dict[str, Any]:
    """What the unit reads in its folder of one location; it looks again until it is there."""
    for _ in range(200):
        for one in await asyncio.to_thread(hotline.stage.police.bundles):
            if location in json.dumps(dict(one.items)):
                return dict(one.items)
        await asyncio.sleep(0.3)
    pytest.fail("the police did not get it")


# First: once the person of the demo has an app, a link alone lets nobody in.
async def test_an_act_on_three_hundred_does_what_it_can_and_answers_for_three(hotline: Any, browser: "Browser") -> None:
    page = await hotline.visitor(browser)
    before = await there(hotline, hotline.stage.home.get("/v1/cases/desk?limit=1"))
    await there(hotline, hotline.stage.pass_time(timedelta(minutes=1)))
    since = hotline.stage.clock.now().isoformat().replace("+00:00", "Z")
    lines = [reported(f"M-{n}", f"https://pages.tulip.test/many/{n}/") for n in range(MANY)]
    await asyncio.to_thread(hotline.take, "\n".join(lines).encode(), rest=False)
    for _ in range(300):
        if (await there(hotline, hotline.stage.home.get("/v1/cases/desk?limit=1")))["total"] >= before["total"] + MANY:
            break
        await asyncio.sleep(0.5)
    await page.goto(f"{hotline.url}/?came_after={since}&order=age")
    await page.get_by_label("Do to several").select_option(label="Close the case")
    await page.get_by_role("button", name="Show all of this list").click()
    await expect(page.get_by_text(f"{MANY} cases, as they stand now")).to_be_visible()
    ticks = page.locator("input[name=row]")
    ids = [str(one).partition(".")[0] for one in await ticks.evaluate_all("all => all.map(one => one.value)")]
    assert len(ids) == MANY

    # Three are not any more what was listed: somebody closed one, had one looked up again, and sent one elsewhere.
    acts = {"close": {"outcome": "removed"}, "retrace": {}, "refer": {"country": "NL", "assessment": "baseline"}}
    for case, (act, more) in zip((ids[7], ids[100], ids[200]), acts.items(), strict=True):
        if act == "refer":
            await there(hotline, hotline.stage.home.post(f"/v1/cases/{case}/reveal", {"reason": "to look at it"}))
        stands = await there(hotline, hotline.stage.home.get(f"/v1/cases/{case}"))
        said = {"reason": "seen meanwhile", "version": stands["summary"]["version"], **more}
        await there(hotline, hotline.stage.home.post(f"/v1/cases/{case}/{act}", said))
    await page.get_by_label("Outcome").select_option("removed")
    await page.get_by_label("Reason").fill("the site is gone")
    await page.get_by_label("How many are ticked").fill(str(MANY))
    await page.get_by_role("button", name="Close the case").click()
    await expect(page.get_by_text(f"{MANY - 3} done, 3 refused")).to_be_visible(timeout=90_000)
    refused = page.locator("tbody tr", has_text="Changed in the meantime")
    links = await refused.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert links == [f"/cases/{case}" for case in (ids[7], ids[100], ids[200])]
    await page.goto(f"{hotline.url}/?came_after={since}&order=age")
    assert await page.locator("ol.rows > li").count() <= 2


async def test_a_shift_begins_an_alarm_is_answered_and_the_police_have_it(hotline: Any, browser: "Browser") -> None:
    page = await (await browser.new_context(viewport={"width": 1360, "height": 900}, locale="nl-BE")).new_page()
    await sign_in(hotline, page, await with_a_password_and_an_app(hotline, page))
    location = "https://pages.tulip.test/now/"
    given = reported("A-1", location, urgency="live", assessment=SEEN)
    await asyncio.to_thread(hotline.take, given.encode(), rest=False)

    row = page.locator("li.row", has_text="A-1")
    while not await row.count():  # it is looked up and decided meanwhile
        await page.reload()
    await expect(row.get_by_role("link", name="Een kind is nu mogelijk in gevaar")).to_be_visible()
    await all_dutch(page)
    await row.get_by_role("button", name="Ik ben ermee bezig").click()
    await expect(page.get_by_text("Iemand is ermee bezig; het bellen stopt.")).to_be_visible()
    await expect(row.get_by_role("button", name="Ik ben ermee bezig")).to_have_count(0)

    (item,) = (await has_come(hotline, location)).values()
    await row.locator("h2 a").click()
    await expect(page.get_by_text(item["reply_code"]).first).to_be_visible()
    told = page.locator("form[action$='/acknowledge']").first
    await page.locator("details.act", has=told).locator("summary").click()
    await told.get_by_label("Politienummer, als dat er is").fill("BE-4711")
    await told.locator("button").first.click()
    await expect(page.get_by_text("BE-4711").first).to_be_visible()
    await all_dutch(page)
