"""What every test may ask for: a real PostgreSQL database, a real browser; both missing only with a reason."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import postgres_server

if TYPE_CHECKING:
    from playwright.async_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
#: Chromium must stay quiet and on loopback: no updates, no QUIC, no lookups of its own.
CHROMIUM_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-quic",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def missing(what: str) -> None:
    """Leave a test out with one line on a workstation; fail it where nothing may be left out (CI=true)."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI leaves nothing out, but {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres_server_dsn() -> Iterator[str]:
    """The administrator's DSN of a server for this test process, started when the first test asks."""
    if dsn := os.environ.get("ROUTER_TEST_DSN"):
        yield dsn
        return
    binaries = postgres_server.find_binaries()
    if binaries is None:
        missing("no PostgreSQL: install Debian's `postgresql`, or set ROUTER_TEST_DSN")
        return
    with postgres_server.running(binaries) as dsn:
        yield dsn


@pytest.fixture
async def postgres_dsn(postgres_server_dsn: str) -> AsyncIterator[str]:
    """A DSN of an empty database of this test's own, dropped afterwards."""
    async with postgres_server.fresh_database(postgres_server_dsn) as dsn:
        yield dsn


@pytest.fixture
async def browser() -> "AsyncIterator[Browser]":
    """Debian's Chromium, headless, through Playwright (which must not download a browser of its own)."""
    if not CHROMIUM.exists():
        missing("no Chromium: install Debian's `chromium`")
    from playwright.async_api import async_playwright

    # Chromium refuses its sandbox to root, which is who CI runs as.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=[*CHROMIUM_ARGUMENTS, *sandbox]
        )
        try:
            yield running
        finally:
            await running.close()
