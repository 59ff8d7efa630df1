"""Every page passes axe-core for WCAG 2.2 AA and its best practices, in light and in dark, and fits a narrow window.

None of them asks anything of another origin, and its content security policy has nothing to report.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute

from router.console.pages import ROOMS
from schemas.actor import Role

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

# The world of three processes stands once for this file, and axe reads every page twice.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """rules => axe.run(document, {runOnly: rules})
    .then(found => found.violations.map(one => [one.id, one.nodes.map(node => node.html)]))"""


def test_the_vendored_axe_is_the_one_that_was_taken() -> None:
    entry = next(line for line in (VENDOR / "vendored.lock").read_text().splitlines() if line.startswith(AXE.name))
    assert entry.split()[-1] == hashlib.sha256(AXE.read_bytes()).hexdigest()


async def violations(page: "Page") -> Any:
    # The pages' own policy forbids strange scripts, so axe comes in through the debugger, not as an element.
    await page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    return await page.evaluate(RUN, RULES)


#: What the console answers that is no page, and pages that are read elsewhere in this file.
NO_PAGE = {"/static/{name}", "/desk/news", "/sheet/files", "/signin/provider/back"}
AT_THE_DOOR = {"/signin", "/signin/{code}", "/signout"}
#: A page of one of many things, by the address of one that this world has. A session's page: `test_viewing_story.py`.
OF_ONE = {
    "/partners/{name}": "/partners/federal-police",
    "/partners/{name}/edit": "/partners/federal-police/edit",
    "/partners/{name}/waiting": "/partners/federal-police/waiting",
    "/rules/versions/{version}": "/rules/versions/1",
}
BY_CASE = {"/cases/{case_id}", "/sites/{tag}", "/rules/{case_id}"}
ELSEWHERE = {"/viewings/{name}"}


def addresses() -> list[str]:
    """Every page that needs no case, by the console's own routes: a new one is read without being named here."""
    routes = [route for room in ROOMS for route in room.routes if isinstance(route, APIRoute)]
    asked = {route.path for route in routes if "GET" in route.methods}
    named = NO_PAGE | AT_THE_DOOR | BY_CASE | ELSEWHERE | OF_ONE.keys()
    assert named <= asked, named - asked
    return [OF_ONE.get(path, path) for path in sorted(asked - (named - OF_ONE.keys()))]


GONE = "Failed to load resource: the server responded with a status of 404"
#: What a supervisor is not shown.
LEADS = {"/exposure"}


def strays(page: "Page", origin: str) -> list[str]:
    """What a page asks of others, and what its policy (CSP) refused or its script complained of; filled as it goes."""
    found: list[str] = []
    page.on("request", lambda asked: asked.url.startswith(origin) or found.append(asked.url))
    # That a page is not there is said as an error too, and asked for by this file; advice is none.
    page.on("console", lambda said: said.type != "error" or said.text.startswith(GONE) or found.append(said.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_violation(hotline: Any, browser: "Browser", scheme: str) -> None:
    page = await hotline.visitor(browser, color_scheme=scheme)
    stray = strays(page, hotline.url)
    cases = await page.locator("ol.rows h2 a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    found = {}
    site = await page.locator("ol.rows a.site").first.get_attribute("href")
    rule = str(cases[0]).replace("/cases/", "/rules/")
    lead = await (await browser.new_context(color_scheme=scheme)).new_page()
    await lead.goto(await hotline.link(f"iris-{scheme}", Role.WELLBEING))
    await lead.get_by_role("button", name="Sign in").click()
    await lead.wait_for_load_state()
    for path in (*addresses(), *cases, rule, site, f"{site}?act=close", "/nowhere"):
        reader = lead if path in LEADS else page
        answer = await reader.goto(hotline.url + path)
        assert answer.status == (404 if path == "/nowhere" else 200), path
        await reader.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        if wrong := await violations(reader):
            found[path] = wrong
    await page.goto(hotline.url + "/?order=age")
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    if wrong := await violations(page):
        found["a list to be kept"] = wrong
    await page.locator("#together-act").select_option("close")
    await page.get_by_role("button", name="Show all of this list").click()
    if wrong := await violations(page):
        found["several"] = wrong
    await page.goto(hotline.url)
    await page.keyboard.press("?")
    if wrong := await violations(page):
        found["keys"] = wrong
    assert found == {}
    assert stray == []


async def test_the_door_has_no_violation(hotline: Any, browser: "Browser") -> None:
    for scheme in ("light", "dark"):
        page = await browser.new_page(color_scheme=scheme)
        stray = strays(page, hotline.url)
        for path in ("/signin", "/signin/rr_link_x", "/signout"):
            await page.goto(hotline.url + path)
            assert await violations(page) == [], path
        assert stray == []


async def test_nothing_is_cut_off_in_a_narrow_window(hotline: Any, browser: "Browser") -> None:
    page = await hotline.visitor(browser)
    case = await page.locator("ol.rows h2 a").first.get_attribute("href")
    await page.set_viewport_size({"width": 320, "height": 700})  # WCAG 2.2, 1.4.10: reflow at 320 CSS pixels
    for path in (*addresses(), str(case), str(case).replace("/cases/", "/rules/")):
        await page.goto(hotline.url + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path
