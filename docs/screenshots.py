"""Take the pictures of the console for the documents: the demo's world, played one step, in light and in dark.

    python -m docs.screenshots            # writes docs/generated/console-*.png

Nothing in the pictures is real: hosts end in `.test`, and their locations are masked as everywhere.
"""

import asyncio
import os
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from router.demo import story
from router.demo.pipe_messages import Invite
from router.demo.setup import Stage, set_stage
from router.world.story import HOME

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PICTURES: Final = Path(__file__).parent / "generated"
CHROMIUM: Final = Path("/usr/bin/chromium")
WINDOW: Final = {"width": 1360, "height": 860}


async def main() -> None:
    """Set the stage, let the reports be worked on, and take every picture twice."""
    from playwright.async_api import async_playwright

    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with set_stage(Path(folder)) as stage, async_playwright() as playwright:
            await story.submit(stage, resources.files("router.world").joinpath("reports.ndjson").read_bytes())
            await story.rest(stage, {}, lambda _: None)
            # Chromium refuses its sandbox to root, which is who builds in a container.
            sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM if CHROMIUM.exists() else None, args=sandbox
            )
            case = await override(await visitor(stage, browser, "light"))
            for scheme in ("light", "dark"):
                await take(await visitor(stage, browser, scheme), case, scheme)
            await browser.close()


async def visitor(stage: Stage, browser: "Browser", scheme: Literal["light", "dark"]) -> "Page":
    """Return a page of somebody who has just signed in."""
    page = await browser.new_page(color_scheme=scheme, viewport=WINDOW)  # type: ignore[arg-type] # a TypedDict
    await page.goto(stage.console + await stage.instances[HOME].tell(Invite()))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(stage.console + "/")
    known = page.get_by_role("button", name="I know")  # that somebody came in before: the visitor of another picture
    if await known.count():
        await known.click()
        await page.goto(stage.console + "/")
    return page


async def override(page: "Page") -> str:
    """Refer a case that is hosted in two countries, then overrule that; return its address."""
    await page.locator("li.row", has_text="Its addresses are in different countries").locator("h2 a").click()
    case = page.url
    form = page.locator("section.call form[action$='/refer']")
    await form.get_by_label("Country").select_option(label="Canada")
    await form.get_by_label("Reason").fill("the forum itself runs there")
    await form.get_by_role("button").first.click()
    await page.wait_for_url("**?done=refer")
    await page.goto(case)
    first = page.locator("article.referral").first
    await first.locator("summary", has_text="Send elsewhere instead").click()
    form = first.locator("form[action$='/override']")
    await form.get_by_label("Country").select_option(label="Netherlands")
    await form.get_by_label("Reason").fill("the pictures are served from Amsterdam")
    await form.get_by_role("button").first.click()
    await page.wait_for_url("**?done=override")
    return case


async def take(page: "Page", case: str, scheme: str) -> None:
    """Take the pictures of one colour scheme."""
    await page.screenshot(path=PICTURES / f"console-desk-{scheme}.png", full_page=True)
    await page.locator("li.row", has_text="Not assessed yet").locator("h2 a").click()
    await page.wait_for_url("**/cases/*")
    await page.screenshot(path=PICTURES / f"console-case-{scheme}.png", full_page=True)
    await page.goto(case)
    await page.locator("article.referral").first.locator("summary", has_text="Recall").click()
    await page.screenshot(path=PICTURES / f"console-override-{scheme}.png")
    await page.get_by_role("link", name="Audit").click()
    await page.wait_for_url("**/audit")
    await page.screenshot(path=PICTURES / f"console-audit-{scheme}.png")


if __name__ == "__main__":
    asyncio.run(main())
