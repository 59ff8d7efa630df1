"""What every test may ask for: a real PostgreSQL database, a real browser; both missing only with a reason."""

import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests import postgres_server
from tests.patience import LoopTime, PatientLoop, slowness

if TYPE_CHECKING:
    from playwright.async_api import Browser

#: CI leaves nothing out; a workstation without PostgreSQL or Chromium leaves their tests out and says so.
IN_CI = os.environ.get("CI") == "true"
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

# No test trusts the machine's own authorities: each connection is to an authority that the test made. To read their
# hundred and more certificates takes 18 ms, as much as a test, and every router that is built reads them.
os.environ |= {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}

# Several processes share the cores of a small machine, so a time limit for one example would only measure the others.
# CI=true builds on Hypothesis' own profile for CI: the same examples in every run. `make soak` tries many more.
settings.register_profile("quick", max_examples=40, deadline=None)
settings.register_profile("quick-ci", settings.get_profile("ci"), max_examples=40)
settings.register_profile("soak", max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("quick-ci" if IN_CI else "quick")


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests interrupt: who is started in the background inherits to ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep Python's collector from walking the product and all tests, which live to the end, again and again.

    While they are read it would do so for every few hundred of them: a fifth of the time that reading takes.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)  # as our own processes do (router/cli/garbage.py)
        gc.enable()


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], PatientLoop]]:
    """Run every test in a loop whose deadlines do not pass while the process itself is kept from working."""
    return {"patient": PatientLoop}


@pytest.fixture(scope="session", autouse=True)
def dnspython_is_patient() -> Iterator[None]:
    """Let the deadlines of dnspython's questions go by the loop as well."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("query", "asyncquery", "resolver", "asyncresolver"):
            patch.setattr(f"dns.{module}.time", LoopTime)
        yield


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a row after its column when its value is bytes that nobody can read.

    Packed bytes may carry the time, and then two collections disagree about the names of their tests.
    """
    return argname if isinstance(val, bytes) and not (val.isascii() and val.decode().isprintable()) else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a CI run that left a test out: a skip is for a workstation without a part, never for hiding."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests made the run fail by being left out."""
    skipped = terminalreporter.stats.get("skipped", []) if IN_CI else []
    for report in skipped:
        terminalreporter.write_line(f"LEFT OUT although CI=true: {report.nodeid} {report.longrepr[-1]}", red=True)


@pytest.fixture(scope="session", name="slowness")
def how_slow_the_machine_is() -> float:
    """What to multiply a limit in processor seconds with."""
    return slowness()


@pytest.fixture
def log_restored() -> Iterator[None]:
    """For tests that set the log up: afterwards it is what it was.

    `structlog.reset_defaults` is not: its defaults print every exception with the values of all variables around it,
    which takes seconds in whatever test fails next on purpose.
    """
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres_server_dsn() -> Iterator[str]:
    """The administrator's DSN of a server for this test process, started when the first test asks."""
    if dsn := os.environ.get("ROUTER_TEST_DSN"):
        yield dsn
        return
    binaries = postgres_server.find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL: install Debian's `postgresql`, or set ROUTER_TEST_DSN")
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
        pytest.skip("no Chromium: install Debian's `chromium`")
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
