"""A data directory that `init` made, and verbs run as a person types them, in this process."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from router.cli import make_app
from router.cli.output import finish
from tests.hosting.dns.faulty_server import FaultyServer


@dataclass
class Ended:
    """What a verb left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def type_in(*words: str, stdin: bytes | None = None) -> Ended:
    """Run one verb."""
    done = CliRunner().invoke(make_app(), list(words), input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ended(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def run() -> Callable[..., Ended]:
    return type_in


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory fresh from `init`, to be copied."""
    folder = tmp_path_factory.mktemp("made") / "data"
    done = type_in("init", "--data", str(folder), "--name", "child-focus-be")
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> str:
    """A copy of that directory for one test."""
    import shutil

    shutil.copytree(made, tmp_path / "data")
    return str(tmp_path / "data")


@pytest.fixture
def worked() -> Callable[[str], None]:
    """Let the router's worker do what is due in a data directory, as it would beside a running server."""

    async def work(data: str) -> None:
        from router.app import build
        from router.settings import Settings

        async with build(Settings.load(data_dir=Path(data))) as router:
            while await router.worker().turn():
                pass

    return lambda data: finish(work(data))


@pytest.fixture
def name_server() -> Iterator[int]:
    server, loop = FaultyServer(), asyncio.new_event_loop()
    server.put("web.test", "A", "3.120.0.1")
    loop.run_until_complete(server.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.port
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(server.stop())
    loop.close()
