"""What is taken as a file is taken again from the same page: nothing else has answered, so the page still stands."""

from pathlib import Path
from typing import Any

import pytest

from tests.casebook import casebook

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_a_file_is_taken_twice_from_one_page(desk: Any, tmp_path: Path) -> None:
    async with casebook(tmp_path) as book:
        await book.decided()
        page = await desk.page_of(book, "/audit")
        for _ in range(2):
            async with page.expect_download(timeout=20_000) as taken:
                await page.get_by_role("button", name="Take the newest signed root").click()
            assert (await taken.value).suggested_filename.startswith("audit-root-")
            await page.wait_for_timeout(1_100)  # a second click within a second is one press
