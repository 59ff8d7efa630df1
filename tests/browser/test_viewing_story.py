"""A viewing session out and in: the file is saved by a real browser, opened in the room by GnuPG, and comes back.

One process serves the console to the browser here: nothing of this story goes to a partner.
"""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
import uvicorn
from playwright.async_api import expect

from router.casework.context import Context
from router.casework.intake import take as intake
from router.casework.people import sessions, tokens
from router.console.pages import make_console
from router.partners.viewing_room import ViewingRoom
from router.worker.loop import Worker
from schemas.actor import ROUTER, Actor, Role
from schemas.report import ReportGiven
from schemas.viewing import ViewingSettings
from tests.browser.test_accessible import violations
from tests.office import office, report
from tests.partners.dropbox.key_ring import Ring

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
expect.set_options(timeout=30_000)
FORM = Actor(id="source:form", source="form")


@dataclass
class House:
    """A house with a viewing room: its console for browsers, and the room's own key ring."""

    ctx: Context
    url: str
    ring: Ring

    async def visitor(self, browser: "Browser", name: str, role: Role, **context: Any) -> "Page":
        """Somebody who has just signed in with a link."""
        await tokens.add_account(self.ctx, name, role, ROUTER)
        link = await sessions.issue_link(self.ctx, name, ROUTER)
        page = await (await browser.new_context(accept_downloads=True, **context)).new_page()
        await page.goto(f"{self.url}/signin/{link}")
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(self.url + "/")
        return page


async def reported(ctx: Context, place: str) -> None:
    """A report of a citizen, until somebody is to look at it."""
    given = ReportGiven.model_validate_json(json.dumps(report(place, f"https://{place}.test/a")))
    await intake.take(ctx, given, FORM)
    for _ in range(3):
        await Worker(ctx).turn()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    ring = Ring(tmp_path / "room", "room@hotline.test", algorithm="default")
    key = ring.public.encode()
    async with office(tmp_path / "data") as plain:
        made = ViewingRoom(ViewingSettings(certificate="room"), lambda _: key, str)
        ctx = replace(plain, room=made)
        for n in range(3):
            await reported(ctx, f"place-{n}")
        server = uvicorn.Server(uvicorn.Config(make_console(ctx), port=0, lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn says it with a flag
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield House(ctx, f"http://127.0.0.1:{port}", ring)
        finally:
            ring.close()
            server.should_exit = True
            await serving


def opened_in_the_room(ring: Ring, file: Path) -> dict[str, list[dict[str, str]]]:
    """What the room's people see who open the file with GnuPG: the tables, by name."""
    content = ring.gpg("--decrypt", str(file))
    with ZipFile(BytesIO(content)) as packed:
        tables = {name: packed.read(name).decode("utf-8-sig") for name in packed.namelist() if name.endswith(".csv")}
    return {name: list(csv.DictReader(StringIO(text, newline=""))) for name, text in tables.items()}


def filled(rows: list[dict[str, str]], *said: dict[str, str]) -> str:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter="\t")
    writer.writeheader()
    writer.writerows(row | one for row, one in zip(rows, said, strict=True))
    return text.getvalue()


async def test_a_viewing_session_goes_out_and_comes_in(house: House, browser: "Browser", tmp_path: Path) -> None:
    anna, carl = [await house.visitor(browser, name, Role.ANALYST) for name in ("anna", "carl")]
    for place in ("place-3", "place-4"):  # one stays on the desk, and somebody else has the other
        await reported(house.ctx, place)
    await anna.reload()
    for n in range(4):
        await anna.locator("li.row").nth(n).get_by_role("checkbox").check()
    await taken(carl, await number_of(anna.locator("li.row").nth(3)))
    async with anna.expect_navigation():
        await anna.keyboard.press("V")
    wrong = await violations(anna)
    await expect(anna.get_by_role("checkbox")).to_have_count(3)
    await expect(anna.get_by_text("Somebody else has it; take it over on its page first.")).to_be_visible()
    async with anna.expect_navigation():
        await anna.get_by_role("button", name="Take the encrypted file").click()
    async with anna.expect_download() as saved:
        await anna.get_by_role("link", name="Save the file").click()
    file = tmp_path / "carried.gpg"
    download = await saved.value
    await download.save_as(file)
    name = download.suggested_filename.removesuffix(".zip.gpg")
    assert b"place-" not in file.read_bytes()
    assert await anna.get_by_text("place-0").count() == 0, "the page names no location"
    wrong += await violations(anna)
    await carl.goto(house.url)
    await expect(carl.get_by_text(f"in viewing session {name} with anna until").first).to_be_visible()

    tables = opened_in_the_room(house.ring, file)
    assert {row["location"] for row in tables["locations.csv"]} == {f"https://place-{n}.test/a" for n in range(3)}
    table = filled(
        tables["results.csv"],
        {"assessment": "baseline", "finding": "there"},
        {"assessment": "not_illegal"},
        {"finding": "cannot_see", "why": "it asks for a login"},
    )
    # Meanwhile a colleague takes the second one over.
    second = carl.locator("li.row", has_text=tables["results.csv"][1]["dossier"])
    await second.locator("h2 a").click()
    await carl.get_by_role("button", name="Take over").first.click()

    await anna.get_by_role("link", name="Viewing", exact=True).click()
    wrong += await violations(anna)
    back = tmp_path / "results.csv"
    back.write_text(table, encoding="utf-16")
    await anna.get_by_label("The file", exact=False).set_input_files(back)
    await anna.get_by_role("button", name="Do what it says").click()
    await expect(anna.get_by_text("2 done, 1 refused")).to_be_visible()
    await expect(anna.get_by_text("Somebody else has this one by now")).to_be_visible()
    wrong += await violations(anna)
    await lost_and_on_the_desk(anna, name, [row["dossier"] for row in tables["results.csv"]])
    assert wrong == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
async def test_ticked_rows_are_taken_on_a_phone_and_without_a_script(
    house: House, browser: "Browser", script: bool
) -> None:
    phone = {"viewport": {"width": 375, "height": 800}, "java_script_enabled": script}
    anna = await house.visitor(browser, "anna", Role.ANALYST, **phone)
    await anna.locator("li.row").first.get_by_role("checkbox").check()
    button = anna.get_by_role("button", name="Take those that are ticked to a viewing session")
    await button.focus()
    async with anna.expect_navigation():
        await anna.keyboard.press("Enter")
    async with anna.expect_navigation():
        await anna.get_by_role("button", name="Take it on screen").click()
    await expect(anna.get_by_text("0 of 1 with a result")).to_be_visible()


async def lost_and_on_the_desk(page: "Page", name: str, numbers: list[str]) -> None:
    """Say that a session is lost; whose first line had an answer, and the others none."""
    await page.get_by_role("link", name=name).click()
    await page.get_by_label("Reason").fill("the stick was left on a train")
    await page.get_by_role("button", name="Say that it is lost").click()
    await expect(page.get_by_text("the house is told")).to_be_visible()
    for number in numbers:
        await expect(page.get_by_role("link", name=number)).to_be_visible()
    await page.get_by_role("link", name="Desk", exact=True).click()
    left = {await number_of(row) for row in await page.locator("li.row").all()}
    assert left & set(numbers) == set(numbers[1:]), "what was said of the first had it decided; the others wait"
    assert len(left) == 4


async def taken(page: "Page", number: str) -> None:
    """Have an item before oneself, by its number."""
    await page.goto(page.url)
    await page.locator("li.row", has_text=number).locator("h2 a").click()
    await page.locator("form[action$='/take'] button").first.click()


async def number_of(row: "Locator") -> str:
    return str(await row.locator(".number code").first.inner_text())
