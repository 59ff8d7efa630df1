"""A page on paper: what is known of a case, black on white, and nothing that only a screen can do."""

from pathlib import Path

import pytest

from tests.browser.conftest import Desk
from tests.stories import test_every_offer_is_accepted as known

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_a_printed_case_has_what_is_known_and_no_forms(tmp_path: Path, desk: Desk) -> None:
    async with known.opened(tmp_path) as book:
        case_id = await known.at_risk(book)
        page = await desk.page_of(book, f"/cases/{case_id}")
        buttons = page.locator("main button:visible")
        assert await buttons.count() > 0
        await page.emulate_media(media="print", color_scheme="dark")
        assert await buttons.count() == 0
        shown = page.locator("nav:visible, form:visible, dialog:visible, details.act:visible")
        assert await shown.evaluate_all("all => all.map(one => one.outerHTML.slice(0, 120))") == []
        for part in ("h1", "#why-1", "#evidence", "#items", "#timeline"):
            assert await page.locator(part).first.is_visible(), part
        told = page.locator(".case-head time").first
        exact = await told.get_attribute("title")
        printed = await told.evaluate("one => getComputedStyle(one, '::after').content")
        assert printed == f'" (" "{exact}" ")"' or exact in printed, printed
        assert await page.locator(".brand-me").is_visible()
        paper = await page.evaluate(
            "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color"
        )
        assert paper == "rgb(255, 255, 255)rgb(0, 0, 0)"
        await page.context.close()
