"""A shift by the keyboard alone, with the script and without it; and the keys where somebody types."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

# The world of three processes stands once for this file, and twenty items are sixty pages.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
expect.set_options(timeout=30_000)
ITEMS = 20


@pytest.fixture(scope="module")
def busy(hotline: Any) -> Any:
    """The hotline with forty more items that nobody has assessed, on a host that the simulated internet has."""
    rest = {"source": "analysts", "received_at": "2026-11-22T09:00:00Z"}
    pages = [{"location": f"https://pages.tulip.test/keyboard/{n}/"} for n in range(2 * ITEMS)]
    lines = [json.dumps(rest | {"reference": f"K-{n}", "items": [page]}) for n, page in enumerate(pages)]
    hotline.take("\n".join(lines).encode())
    return hotline


async def waits(page: "Page") -> int:
    """How many wait for a person."""
    await page.goto(page.url.partition("/cases")[0].partition("?")[0])
    return await page.locator("ol.rows > li").count()


async def is_asked(page: "Page", act: str) -> bool:
    return await page.locator(f"form[action$='/{act}']").count() > 0


async def by_key(page: "Page", act: str) -> None:
    """Do an act by its key; what needs a field is typed."""
    await page.keyboard.press({"pass-on": "p", "close": "c", "not-illegal": "i"}[act])
    if act == "close":
        await page.keyboard.type("r")
        await page.keyboard.press("Tab")
        await page.keyboard.type("gone; jknp?/x are letters here")
    if act != "pass-on":
        await page.keyboard.press("Enter")


async def by_enter(page: "Page", act: str) -> None:
    """Do it without the script: with Tab, Space and Enter."""
    form = page.locator(f"form[action$='/{act}']").first
    fold = page.locator("details.act:not([open])", has=form)
    if act == "close" and await fold.count():
        await fold.locator("summary").first.focus()
        await page.keyboard.press("Enter")
    if act == "close":
        await form.locator("select").focus()
        await page.keyboard.type("r")
        await page.keyboard.press("Tab")
        await page.keyboard.type("gone")
    else:
        await form.locator("button").focus()
    await page.keyboard.press("Enter")


async def press_next(page: "Page", script: bool) -> None:
    if script:
        await page.keyboard.press("n")
    else:
        await page.locator("form[action='/next'] button").focus()
        await page.keyboard.press("Enter")


async def reveal(page: "Page", script: bool) -> None:
    if script:
        await page.keyboard.press("r")
    else:
        await page.locator("form[action$='/reveal'] button").first.focus()
        await page.keyboard.press("Enter")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_twenty_items_are_worked_by_keyboard_only(busy: Any, browser: "Browser", script: bool) -> None:
    page = await busy.visitor(browser, java_script_enabled=script)
    before, ended = await waits(page), 0
    for at in range(ITEMS):
        await press_next(page, script)
        await page.wait_for_url("**/cases/*?done=next")
        act = ("not-illegal", "close", "not-illegal", "pass-on")[at % 4]
        if act == "not-illegal":
            await reveal(page, script)
            await page.wait_for_url("**/reveal")
            await expect(page.get_by_text("Shown in full, this once")).to_be_visible()
        if not await is_asked(page, act):  # a second person is asked about some of them, and it is not this one
            act = "pass-on"
        await (by_key if script else by_enter)(page, act)
        await page.wait_for_url(f"**/cases/*?done={act}")
        ended += act == "close"
    assert ended == ITEMS // 4
    assert before - await waits(page) >= ended + ITEMS // 4, "most were not illegal; some of those are looked at again"


async def test_each_key_is_shown_where_it_works_and_does_nothing_while_somebody_types(
    hotline: Any, browser: "Browser"
) -> None:
    mine = {"source": "analysts", "received_at": "2026-11-22T09:00:00Z", "reference": "F-1"}
    mine["items"] = [{"location": "https://pages.tulip.test/nobody-has-it/"}]  # type: ignore[assignment] # as below
    await asyncio.to_thread(hotline.take, json.dumps(mine).encode(), rest=False)
    page = await hotline.visitor(browser)
    await page.keyboard.press("/")
    await page.keyboard.type("jn?x/g")
    assert await page.locator("[data-find]").input_value() == "jn?x/g"
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.closest('[data-row]') !== null")
    row = page.locator("ol.rows > li", has_text="F-1")
    while not await row.count():  # it is traced and decided meanwhile
        await page.reload()
    await row.locator("h2 a").focus()
    await page.keyboard.press("x")
    assert await row.locator("input[type=checkbox]").is_checked()
    await page.keyboard.press("x")
    assert not await row.locator("input[type=checkbox]").is_checked()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/cases/*")
    for act, key in (("close", "c"), ("retrace", "t"), ("take", "f")):
        form = page.locator(f"form[action$='/{act}']").first
        place = page.locator("details.act", has=form).locator("summary") if act != "take" else form.locator("button")
        assert await place.first.get_attribute("aria-keyshortcuts") == key
    await page.keyboard.press("t")
    assert await page.evaluate("document.activeElement.closest('form').action.endsWith('/retrace')")
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    assert await page.evaluate("document.activeElement.getAttribute('aria-labelledby')") == "evidence"
    await page.keyboard.press("f")
    await page.wait_for_url("**?done=take")


async def test_what_is_new_is_told_and_looking_again_keeps_the_place(hotline: Any, browser: "Browser") -> None:
    page = await hotline.visitor(browser)
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    focused = "document.activeElement.closest('[data-row]').id"
    place, before = await page.evaluate(focused), await page.locator("ol.rows > li").count()
    new = {"source": "analysts", "received_at": "2026-11-22T09:00:00Z", "reference": "N-1"}
    new["items"] = [{"location": "https://pages.tulip.test/new/"}]  # type: ignore[assignment] # a line of a batch
    await asyncio.to_thread(hotline.take, json.dumps(new).encode(), rest=False)
    await expect(page.locator("[data-news]")).to_contain_text("One is new")
    assert await page.evaluate(focused) == place, "nothing moved"
    assert await page.locator("ol.rows > li").count() == before
    await page.keyboard.press(".")
    await expect(page.locator("ol.rows > li")).to_have_count(before + 1)
    assert await page.evaluate(focused) == place
    await expect(page.locator("[data-news]")).to_be_empty()


async def test_the_keys_can_be_switched_off(hotline: Any, browser: "Browser") -> None:
    page = await hotline.visitor(browser)
    await page.goto(hotline.url + "/keys")
    await page.get_by_role("button", name="Switch the keys off").click()
    await expect(page.get_by_text("The keys are off in this browser")).to_be_visible()
    await page.keyboard.press("g")
    await page.keyboard.press("?")
    assert page.url.partition("?")[0] == hotline.url + "/keys"
    assert await page.locator("dialog").count() == 0
