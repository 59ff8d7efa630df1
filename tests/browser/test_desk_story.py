"""An analyst's morning in a real browser, against real router processes; and the same with JavaScript switched off."""

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

# The world of three processes stands once for this file; a browser on two shared cores is slow.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
# Five seconds, as Playwright has it, are not many for a browser and six processes on two cores that others use too.
expect.set_options(timeout=30_000)


async def choose_country(page: "Page", form: Any, country: str, reason: str, button: str) -> None:
    await form.get_by_label("Country").select_option(label=country)
    await form.get_by_label("Reason").fill(reason)
    await form.get_by_role("button", name=button).click()


def sent_to(page: "Page", partner: str) -> Any:
    """The referral with this partner in its heading: the forms of every other one name the partner as a choice."""
    return page.locator("article.referral", has=page.locator("h3", has_text=partner))


async def received(page: "Page", referral: Any) -> None:
    """A person looks again when a receipt takes longer than the page waits for it, as it may on a busy machine."""
    for _ in range(100):
        if await referral.locator(".receipt code").count():
            return
        again = page.get_by_role("link", name="Look again")
        await (again.first.click() if await again.count() else page.reload())
        await page.wait_for_timeout(300)
    pytest.fail("no receipt came")


async def test_the_oldest_item_is_read_sent_to_the_netherlands_and_found_in_the_audit(
    hotline: Any, browser: "Browser"
) -> None:
    page = await hotline.visitor(browser)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.locator("ol.rows h2 a").first.click()
    await expect(page.get_by_role("heading", name="A child may be in danger now")).to_be_visible()
    await expect(page.get_by_role("heading", name="Where it is hosted")).to_be_visible()
    await expect(page.get_by_text("urgency: live abuse").first).to_be_visible()
    # The policy proposes somebody for it; whoever decides otherwise opens the form beside it.
    otherwise = page.locator("details.act", has=page.locator("summary", has_text="Refer to another partner"))
    await otherwise.locator("summary").click()
    form = otherwise.locator("form")
    await choose_country(page, form, "Netherlands", "the platform is Dutch", "Refer to another partner")
    referral = sent_to(page, "Offlimits")
    await received(page, referral)
    await expect(referral.get_by_text("accepted").first).to_be_visible()
    receipt = await referral.locator(".receipt code").inner_text()
    assert receipt
    await expect(page.get_by_text("the platform is Dutch")).to_be_visible()
    case = page.url.partition("?")[0].rpartition("/")[2]
    await page.get_by_role("link", name="Audit").click()
    rows = page.locator("tr", has_text=case[-12:])
    await expect(rows.filter(has_text="Referred by a person")).to_have_count(1)
    await expect(rows.filter(has_text="demo").first).to_be_visible()
    await page.get_by_role("button", name="Check the chain").click()
    await expect(page.get_by_text("The chain is whole")).to_be_visible()
    assert said == []
    assert [url for url in asked if not url.startswith(hotline.url)] == []


async def test_without_javascript_it_is_sent_overruled_and_received_elsewhere(hotline: Any, browser: "Browser") -> None:
    page = await hotline.visitor(browser, java_script_enabled=False)
    row = page.locator("li.row", has_text="Its addresses are in different countries")
    await row.locator("h2 a").click()
    await choose_country(
        page,
        page.locator("section.call form[action$='/refer']"),
        "Canada",
        "the main page is there",
        "Refer to another",
    )
    canadian = sent_to(page, "Cybertip")
    await expect(canadian).to_have_count(1)
    await received(page, canadian)
    await canadian.locator("summary", has_text="Send elsewhere instead").click()
    form = canadian.locator("form[action$='/override']")
    await choose_country(page, form, "Netherlands", "the pictures are there", "Send elsewhere instead")
    dutch = sent_to(page, "Offlimits")
    await expect(dutch).to_have_count(1)
    await received(page, dutch)
    await expect(dutch.get_by_text("takes the place of an earlier referral")).to_be_visible()
    await expect(canadian.get_by_text("replaced by another referral")).to_be_visible()
    await page.get_by_role("link", name="Audit").click()
    await expect(page.locator("tr", has_text="Sent elsewhere instead")).to_have_count(1)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are signed out")).to_be_visible()


async def test_without_javascript_one_button_assesses_and_sends(hotline: Any, browser: "Browser") -> None:
    page = await hotline.visitor(browser, java_script_enabled=False)
    row = page.locator("li.row", has_text="Not assessed yet")
    await row.locator("h2 a").click()
    await page.locator("section.call details.reveal summary").click()
    reveal = page.locator("section.call form[action$='/reveal']")
    await reveal.get_by_label("Reason").fill("to look at it")
    await reveal.get_by_role("button").click()
    await page.get_by_role("link", name="Desk").first.click()
    await row.get_by_role("combobox").select_option("baseline")
    await row.get_by_role("button").click()
    await expect(page.get_by_text("Sent as proposed")).to_be_visible()
    await expect(page.locator("li.row", has_text="Not assessed yet")).to_have_count(0)


async def test_two_people_at_once_one_is_told(hotline: Any, browser: "Browser") -> None:
    first, second = [await hotline.visitor(browser) for _ in range(2)]
    href = await first.locator("li.row", has_text="Hidden behind a CDN").locator("h2 a").get_attribute("href")
    for page in (first, second):
        await page.goto(hotline.url + str(href))
        await page.get_by_text("Close the case", exact=True).first.click()
        form = page.locator("form[action$='/close']")
        await form.get_by_label("Outcome").select_option("unavailable")
        await form.get_by_label("Reason").fill("looked at it")
    await first.locator("form[action$='/close'] button").click()
    await expect(first.get_by_text("The case is closed")).to_be_visible()
    await second.locator("form[action$='/close'] button").click()
    await expect(second.get_by_text("Changed in the meantime")).to_be_visible()
    await expect(second.get_by_role("heading", name="Closed: no longer reachable")).to_be_visible()


async def test_the_keyboard_is_enough(hotline: Any, browser: "Browser") -> None:
    page = await hotline.visitor(browser)
    focused = "document.activeElement.getAttribute('href')"
    links = await page.locator("ol.rows h2 a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    await page.keyboard.press("j")
    assert await page.evaluate(focused) == links[0]
    await page.keyboard.press("j")
    assert await page.evaluate(focused) == links[1]
    await page.keyboard.press("k")
    assert await page.evaluate(focused) == links[0]
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    await page.keyboard.press("s")
    assert await page.evaluate("document.activeElement.closest('form').className") == "send"
    await page.goto(hotline.url)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/cases/*")
    await page.locator("input[name=reason]").first.focus()
    await page.keyboard.type("jks?g")
    assert (await page.locator("input[name=reason]").first.input_value()).startswith("jks?g")
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.wait_for_url(hotline.url + "/")
