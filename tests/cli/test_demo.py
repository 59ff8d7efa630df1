"""The verb `demo` around its stage: how it ends. tests/stories and tests/faults play it whole."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from router.cli.demo import run
from router.demo import setup
from router.errors import CannotStart


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo keeps what it makes."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("check", "code"), [(True, 3), (False, 0)])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_ended_from_outside_a_check_was_not_passed_and_a_visit_is_over(
    monkeypatch: pytest.MonkeyPatch, temp: Path, how: signal.Signals, check: bool, code: int
) -> None:
    @asynccontextmanager
    async def ended_meanwhile(folder: Path, _database: str | None) -> AsyncIterator[None]:
        (folder / "made").touch()
        os.kill(os.getpid(), how)
        await asyncio.sleep(30)
        yield

    monkeypatch.setattr(setup, "set_stage", ended_meanwhile)
    assert run(check=check, as_json=False, database=None, days=None, keep_running=not check) == code
    assert list(temp.iterdir()) == []


def test_a_stage_that_cannot_be_set_says_why_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch, temp: Path) -> None:
    @asynccontextmanager
    async def broken(folder: Path, _database: str | None) -> AsyncIterator[None]:
        (folder / "made").touch()
        raise CannotStart("offlimits-nl did not start.")
        yield

    monkeypatch.setattr(setup, "set_stage", broken)
    with pytest.raises(CannotStart, match="offlimits-nl"):
        run(check=True, as_json=True, database=None, days=None, keep_running=False)
    assert list(temp.iterdir()) == []
