"""However the demo ends, it leaves nothing behind, and it says no when an expectation was not met."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from router.cli.demo import run
from router.demo import judge
from router.world.story import NETHERLANDS, TALES, Tale

ROOT = Path(__file__).resolve().parents[2]
# Each test plays the first day, or its beginning, with three processes: 8 to 15 s on a machine of its own.
pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    """A folder for the demo's temporary files, which can be looked into afterwards."""
    folder = tmp_path / "temp"
    folder.mkdir()
    return folder


@asynccontextmanager
async def demo(*words: str, temp: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The verb as a person starts it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "main.py"),
        "demo",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(temp), "NO_COLOR": "1"},
        cwd=temp.parent,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def children_of(folder: Path) -> list[str]:
    """Processes whose open files are in a folder: instances of a demo that did not end."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        if any(target.startswith(str(folder)) for target in open_files(entry)):
            found.append(entry.name)
    return found


def open_files(process: Path) -> list[str]:
    """What a process of /proc has open; one file that was closed meanwhile does not hide the others."""
    targets = []
    with suppress(OSError):  # it ended in the meantime, or is not ours
        for one in (process / "fd").iterdir():
            with suppress(OSError):
                targets.append(str(one.readlink()))
    return targets


async def gone(folder: Path, seconds: float = 15) -> bool:
    """Whether all instances end within some seconds."""
    for _ in range(int(seconds / 0.1)):
        if not children_of(folder):
            return True
        await asyncio.sleep(0.1)
    return False


async def said_until(process: asyncio.subprocess.Process, word: str) -> list[str]:
    """What the demo said until a line has a word in it."""
    assert process.stdout is not None
    said: list[str] = []
    async for raw in process.stdout:
        said.append(raw.decode())
        if word in said[-1]:
            return said
    raise AssertionError(f"it ended without saying {word!r}: {''.join(said)}")


async def test_it_stays_up_with_a_console_to_sign_in_to_and_ends_in_order(temp: Path) -> None:
    async with demo(temp=temp) as process:
        said = await said_until(process, "Press Ctrl-C")
        link = next(line.split()[-1] for line in said if "sign in" in line)
        token = next(line.split()[-1] for line in said if "API token" in line)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
            async with browser.get(link) as page:
                assert page.status == 200
            cases = link.partition("/signin/")[0] + "/v1/cases?limit=500"
            async with browser.get(cases, headers={"Authorization": f"Bearer {token}"}) as answer:
                # One report is about a place that another one named already; one is of a page and three files.
                assert len((await answer.json())["items"]) == len(TALES) - 1 + 3
        # The link serves once; what the banner says of the token must let a person in afterwards.
        assert any("within 15 minutes" in line for line in said)
        assert any("type the API token" in line for line in said)
        async with aiohttp.ClientSession(headers={"Sec-Fetch-Site": "same-origin"}) as browser:
            page = link.partition("/signin/")[0] + "/signin"
            async with browser.post(page, data={"token": token}, allow_redirects=False) as answer:
                assert (answer.status, answer.headers.get("location")) == (303, "/")
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), timeout=30) == 0
    assert (list(temp.iterdir()), children_of(temp)) == ([], [])


async def test_a_check_that_is_cut_short_is_not_passed(temp: Path) -> None:
    async with demo("--check", temp=temp) as process:
        await said_until(process, "reports are in")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), timeout=30) == 3
    assert (list(temp.iterdir()), children_of(temp)) == ([], [])


async def test_instances_end_even_when_the_demo_is_killed(temp: Path) -> None:
    async with demo("--check", temp=temp) as process:
        await said_until(process, "reports are in")
        assert len(children_of(temp)) >= 3
        process.kill()
        await process.wait()
        assert await gone(temp)


@pytest.mark.postgres
def test_with_home_on_postgresql_only_what_is_not_met_is_the_answer_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], postgres_dsn: str
) -> None:
    wrong = Tale(TALES[3].reference, "as nobody would have it", "BE", (NETHERLANDS,))
    monkeypatch.setattr(judge, "TALES", tuple(wrong if tale is TALES[3] else tale for tale in TALES))
    assert run(check=True, as_json=False, database=postgres_dsn, days=None, keep_running=False) == 1
    said = capsys.readouterr().out
    failed = [line for line in said.splitlines() if "FAILED" in line]
    assert "FAILED W-2026-1004 (as nobody would have it): held by offlimits-nl" in said
    assert [line for line in failed if "W-2026-1004" not in line] == []
