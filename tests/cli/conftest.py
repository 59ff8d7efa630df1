"""A data directory that `init` made, and verbs run as a person types them, in this process."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from fastapi import FastAPI
from typer.main import get_command
from typer.testing import CliRunner

from router.api import make_api
from router.casework.context import Context
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


@cache
def command_line() -> typer.Typer:
    """The command line, made once: nothing of a run stays in it."""
    return make_app()


def type_in(*words: str, stdin: bytes | None = None) -> Ended:
    """Run one verb."""
    done = CliRunner().invoke(command_line(), list(words), input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ended(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="session", autouse=True)
def verbs_are_made_once() -> Iterator[None]:
    """Let the runner turn the command line into its forty commands once, and not for every verb."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture(scope="session", autouse=True)
def api_is_made_once() -> Iterator[None]:
    """Let verbs that run without a server share an application: its fifty routes cost more than what they do.

    It is served to one store after the other, as tests/api does with its own; what a server serves is made anew.
    """
    made: list[FastAPI] = []

    def make(ctx: Context, **more: Any) -> FastAPI:
        if more:
            return make_api(ctx, **more)
        if not made:
            made.append(make_api(ctx))
        made[0].state.ctx = ctx
        return made[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("router.api.make_api", make)
        yield


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
def in_person(data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let verbs be done by the supervisor there, with a token that was made on the machine."""
    done = type_in("tokens", "create", "test", "--account", "supervisor", "--json", "--data", data)
    monkeypatch.setenv("ROUTER_TOKEN", done.json["token"])


@pytest.fixture
def seen(data: str) -> Callable[[str], None]:
    """Have the supervisor reveal a case, as on the console: a terminal shows no location in full."""

    async def reveal(case: str) -> int:
        from router.app import build
        from router.casework.case.seen import sighting
        from router.settings import Settings
        from router.store.base import Transition
        from schemas.actor import Actor

        async with build(Settings.load(data_dir=Path(data))) as router:
            changes, adds = await sighting(router.ctx, case, Actor(id="person:supervisor"))
            await router.ctx.store.commit(Transition(router.ctx.now(), changes, adds))
        return 0

    return lambda case: asyncio.run(reveal(case)) and None


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
