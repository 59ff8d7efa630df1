"""Pictures of the main pages, for people to look at: `build/pictures`, taken anew by every run of these tests.

What an eye finds is not asserted; what a program can see of it is: each page is there in its language, keeps to its
window, and no word is cut off or lies on another.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser

# The world of three processes stands once for this file.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PICTURES = Path(__file__).parents[2] / "build" / "pictures"
MAIN = {
    "desk": "/",
    "cases": "/cases",
    "referrals": "/referrals",
    "partners": "/partners",
    "partner": "/partners/federal-police",
    "rules": "/rules",
    "try": "/rules/try",
    "figures": "/figures",
    "audit": "/audit",
    "stops": "/stops",
    "requests": "/requests",
    "changes": "/changes",
    "embargoes": "/embargoes",
    "letters": "/letters",
    "trails": "/trails",
    "reveals": "/audit/reveals",
    "sheet": "/sheet",
    "edit": "/partners/federal-police/edit",
    "keys": "/keys",
    "me": "/me",
    "viewings": "/viewings",
    "people": "/people",
    "own": "/me/access",
}
#: Who looks: the language, the colours, and the width of the window in CSS pixels.
EYES = (("en", "light", 1360), ("de", "dark", 1360), ("nl", "light", 375), ("fr", "light", 1360))
#: Words of buttons, links, headings and cells that stick out of their own box, where no bar scrolls to them.
CUT = """() => [...document.querySelectorAll('button, .button, summary, h1, h2, dd, dt, .badge, .state, label, p')]
    .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1
        && getComputedStyle(one).display !== 'inline'
        && !one.closest('.hidden, .skip, .table, pre') && one.clientWidth > 0)
    .map(one => one.textContent.trim().slice(0, 60))"""


@pytest.mark.parametrize(("language", "scheme", "width"), EYES)
async def test_each_main_page_is_taken(
    hotline: Any, browser: "Browser", language: str, scheme: str, width: int
) -> None:
    look = {"color_scheme": scheme, "locale": language}
    context = await browser.new_context(viewport={"width": width, "height": 900}, **look)
    page = await context.new_page()
    await page.goto(await hotline.link())
    await page.locator("main form button").first.click()
    await page.wait_for_url(hotline.url + "/")
    case = await page.locator("ol.rows h2 a").first.get_attribute("href")
    assert case is not None
    folder = PICTURES / f"{language}-{scheme}-{width}"
    folder.mkdir(parents=True, exist_ok=True)
    cut, english = {}, {}
    for name, path in {**MAIN, "case": case, "rule": case.replace("/cases/", "/rules/")}.items():
        answer = await page.goto(hotline.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert await page.locator("html").get_attribute("lang") == language
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
        if language != "en" and (left := await page.locator("[lang=en]:not(.languages *)").all_inner_texts()):
            english[path] = left
        if found := await page.evaluate(CUT):
            cut[path] = found
        await page.screenshot(path=folder / f"{name}.png", full_page=True)
    assert (cut, english) == ({}, {})
