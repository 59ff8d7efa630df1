"""`locate` at the machine: what is under embargo in the data directory is asked of no name server."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from router.app import build
from router.cli.locate.embargoed import embargoed
from router.cli.locate.verb import run as locate
from router.errors import CannotStart
from router.guard.master import MASTER_FILE
from router.settings import Settings
from tests.embargoes import embargo


@pytest.fixture
def under_embargo(data: str, name_server: int) -> Path:
    """A router's data directory with an embargo on one host, and a name server that knows one other."""

    async def set_one() -> None:
        async with build(Settings.load(data_dir=Path(data))) as router:
            await embargo(router.ctx, "host", "held.test")

    asyncio.run(set_one())
    file = Path(data) / "router.toml"
    file.write_text(file.read_text() + f'\nresolvers = ["127.0.0.1:{name_server}"]\n')
    return Path(data)


@pytest.mark.parametrize("jobs", [1, 2])
def test_nobody_is_asked_about_it_and_the_rest_is_answered(
    under_embargo: Path, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path, jobs: int
) -> None:
    file = tmp_path / "in.txt"
    file.write_text("http://a.held.test/x\nhttp://web.test/\n")
    assert locate([], input=str(file), as_json=True, jobs=jobs, data_dir=under_embargo) == 0
    held, free = (json.loads(line) for line in capsysbinary.readouterr().out.splitlines())
    assert (held["verdict"], held["error"]) == (None, {"code": "embargo", "text": "Held; ask anna."})
    assert free["verdict"]["country"] == "DE"


def test_offline_asks_nobody_anyway(under_embargo: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert locate(["http://a.held.test/x"], offline=True, as_json=True, data_dir=under_embargo) == 0
    assert json.loads(capsysbinary.readouterr().out)["error"] is None


def test_without_the_key_nothing_is_looked_up(under_embargo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (under_embargo / MASTER_FILE).rename(under_embargo / "elsewhere")
    assert locate(["http://web.test/"], data_dir=under_embargo) == CannotStart.exit_code
    assert "what is under embargo cannot be known" in capsys.readouterr().err


async def test_it_ends_by_its_date_while_a_long_run_lasts(under_embargo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from router.hosting.location.url import read

    async with AsyncExitStack() as stack:
        known = await embargoed(Settings.load(data_dir=under_embargo), stack)
        assert known is not None
        await known.refresh()
        assert known.why(read("http://held.test/")) == "Held; ask anna."
        assert known.why(read("http://web.test/")) is None
        later = datetime.now(UTC) + timedelta(days=11)
        monkeypatch.setattr("router.clock.SystemClock.now", lambda _self: later)
        await known.refresh()
        assert known.why(read("http://held.test/")) is None


async def test_where_no_router_is_there_are_none(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        assert await embargoed(Settings.load(data_dir=tmp_path), stack) is None
