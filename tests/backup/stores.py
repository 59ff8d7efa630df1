"""A router with something in it on either engine, and verbs in a process of their own."""

import asyncio
import subprocess
import sys
from pathlib import Path

from router.app import build
from router.casework.intake.ndjson import take_batch
from router.settings import Settings
from tests.neighbours import ANALYSTS, report

#: A word that only reported locations carry: no file of a backup may hold it in the clear.
CANARY = "kanarie7q"


def settings_of(folder: Path, database: str | None) -> Settings:
    """The settings of a router whose questions to name servers go nowhere."""
    return Settings.load(data_dir=folder, database=database, name="child-focus-be", resolvers=("127.0.0.1:9",))


async def take_reports(settings: Settings, first: int, count: int) -> None:
    """Let a router take so many reports."""
    lines = [
        report(f"http://{CANARY}-{n}.test/{n}", f"R-{n}").model_dump_json().encode()
        for n in range(first, first + count)
    ]
    async with build(settings) as router:
        answers = await take_batch(router.ctx, lines, ANALYSTS)
        assert [one.status for one in answers] == [202] * count


async def made(folder: Path, database: str | None, reports: int = 3) -> Settings:
    """A router with reports in it, its secret of a partner, and its settings in a file."""
    folder.mkdir(mode=0o700)
    (folder / "router.toml").write_text('name = "child-focus-be"\nresolvers = ["127.0.0.1:9"]\n')
    (folder / "secrets").mkdir(mode=0o700)
    (folder / "secrets" / "police").write_text("whisper")
    (folder / "secrets" / "police").chmod(0o600)
    settings = settings_of(folder, database)
    await take_reports(settings, 0, reports)
    return settings


def verb(*words: str) -> subprocess.Popen[bytes]:
    """Start a verb as an operator does, in a process of its own."""
    command = [sys.executable, "main.py", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


async def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """Wait for it: its exit code, and what it said."""
    out, err = await asyncio.to_thread(process.communicate)
    return process.returncode, out.decode(), err.decode()
