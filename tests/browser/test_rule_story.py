"""From an override to a rule in a real browser: drafted by an analyst, put in force by two, followed, rolled back.

Three people of one hotline, three real router processes; the partners' side is the simulated world's.
"""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from router.casework.govern.versions import FOLLOWED_WITHIN
from router.demo.pipe_messages import Govern
from router.world.story import HOME
from schemas.actor import Role
from tests.browser.test_accessible import violations

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

# The world of three processes stands once for this file.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
expect.set_options(timeout=30_000)
HOST, SECRET = "pages.tulip.test", "tulip"
ASSESSED = {"value": "baseline", "assessed_by": "analyst 7", "assessed_at": "2026-11-22T16:30:00Z"}


def reported(reference: str, location: str) -> bytes:
    report = {"source": "analysts", "received_at": "2026-11-22T09:00:00Z", "reference": reference}
    return json.dumps(report | {"items": [{"location": location}], "assessment": ASSESSED}).encode()


@pytest.fixture(scope="module")
def ruled(hotline: Any) -> Any:
    """The hotline with a policy that passes its own tests beside the partners of the simulated world.

    None of those takes what is illegal by our law only, which two tests of the shipped policy are about.
    """

    async def publish() -> None:
        text = (await hotline.stage.home.get("/v1/policy"))["text"]
        head, *tests = text.split("[[tests]]")
        kept = [one for one in tests if 'name = "illegal by Belgian law only' not in one]
        await hotline.stage.instances[HOME].tell(Govern(policy="[[tests]]".join([head, *kept]), partners=()))

    asyncio.run_coroutine_threadsafe(publish(), hotline.loop).result()
    return hotline


async def find(page: "Page", hotline: Any, number: str) -> None:
    """Open the case of a source's own number."""
    asked = hotline.stage.home.post("/v1/cases/search", {"text": number})
    found = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked, hotline.loop))
    (case,) = found["items"]
    await page.goto(f"{hotline.url}/cases/{case['id']}")


async def looked_at(page: "Page") -> None:
    """No rule of accessibility is broken, no text names the host, and nothing is cut off on a telephone."""
    assert await violations(page) == [], page.url
    assert SECRET not in await page.content()
    await page.set_viewport_size({"width": 375, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 375, page.url
    await page.set_viewport_size({"width": 1360, "height": 900})


async def referred(page: "Page", partner: str) -> Any:
    article = page.locator("article.referral", has=page.locator("h3", has_text=partner))
    await expect(article).to_have_count(1)
    return article


async def test_an_override_becomes_a_rule_that_the_next_report_follows(ruled: Any, browser: "Browser") -> None:
    await asyncio.to_thread(ruled.take, reported("RULE-2026-1", f"https://{HOST}/rule/1/"))
    cleo = await ruled.visitor(browser, "cleo", Role.ANALYST, java_script_enabled=False)
    await find(cleo, ruled, "RULE-2026-1")
    hub = await referred(cleo, "ICCAM")
    await hub.locator("summary", has_text="Send elsewhere instead").click()
    form = hub.locator("form[action$='/override']")
    await form.get_by_label("Country").select_option(label="Canada")
    await form.get_by_label("Reason").fill("the operator answers there")
    await form.get_by_role("button", name="Send elsewhere instead").click()
    await referred(cleo, "Cybertip")
    await cleo.get_by_role("link", name="Make this the rule").click()
    await cleo.get_by_role("button", name="Draft it").click()
    await expect(cleo.get_by_text("always-host-1 stands before")).to_be_visible()
    await cleo.get_by_role("button", name="Hand it to a supervisor").click()
    await expect(cleo.get_by_text("The draft waits for a supervisor")).to_be_visible()

    page = await ruled.visitor(browser, color_scheme="dark")
    await expect(page.locator("nav .count")).to_have_text("1")
    await page.get_by_role("link", name="Rules").click()
    await looked_at(page)
    await page.get_by_role("link", name="Always for this host").click()
    await expect(page.get_by_text("somebody else would have had it").first).to_be_visible()
    await looked_at(page)
    await page.get_by_role("button", name="Ask another person to confirm").click()
    await expect(page.get_by_text("The rule waits for another person")).to_be_visible()

    bob = await ruled.visitor(browser, "bob", Role.SUPERVISOR)
    await bob.get_by_role("link", name="Changes").click()
    await expect(bob.get_by_text('to = ["cybertip-ca"]').first).to_be_visible()
    await looked_at(bob)
    await bob.get_by_role("button", name="Confirm").click()
    await bob.get_by_role("link", name="Rules").click()
    await expect(bob.get_by_text("bob; proposed by demo")).to_be_visible()
    await bob.locator("a[href$='/rules/versions/3']").first.click()
    await expect(bob.get_by_role("heading", name="always-host-1")).to_be_visible()
    await looked_at(bob)

    await asyncio.sleep(FOLLOWED_WITHIN)  # after that it is in force everywhere
    await asyncio.to_thread(ruled.take, reported("RULE-2026-2", f"https://{HOST}/rule/2/"), rest=False)
    await find(bob, ruled, "RULE-2026-2")
    for _ in range(100):  # nothing rests any more once people act, so somebody looks again until it was decided
        if await bob.locator("article.referral").count():
            break
        await bob.wait_for_timeout(300)
        await bob.reload()
    await referred(bob, "Cybertip")
    await expect(bob.get_by_text("always-host-1").first).to_be_attached()
    await expect(bob.locator("article.referral")).to_have_count(1)

    await bob.get_by_role("link", name="Rules").click()
    await bob.get_by_role("link", name="beside the one in force").first.click()
    await looked_at(bob)
    await bob.locator("form[action$='/roll-back'] button").click()
    await expect(bob.get_by_role("status")).to_contain_text("waits for another person")


async def test_a_text_is_tried_with_its_faults_beside_it(ruled: Any, browser: "Browser") -> None:
    page = await ruled.visitor(browser)
    await page.goto(f"{ruled.url}/rules/try")
    text = await page.locator("#text").input_value()
    await page.locator("#text").fill(text.replace("follow_up = ", "follow_upp = ", 1))
    await page.get_by_role("button", name="Try it").click()
    await expect(page.get_by_text("did you mean follow_up?")).to_be_visible()
    await looked_at(page)
    await page.locator("#text").fill(text)
    await page.get_by_role("button", name="Try it").click()
    await expect(page.get_by_text("It can be published as it is")).to_be_visible()
    await looked_at(page)
