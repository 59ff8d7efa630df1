"""The browser of the browser tests works, and reaches loopback only."""

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = pytest.mark.browser
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>The desk</title>"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(PAGE)
    await writer.drain()
    writer.close()


async def test_a_page_on_loopback_is_shown(browser: "Browser") -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        assert await page.title() == "The desk"
        await page.close()


async def test_any_other_name_is_unknown_to_it(browser: "Browser") -> None:
    from playwright.async_api import Error

    page = await browser.new_page()
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        await page.goto("http://reported.test/")
    await page.close()
