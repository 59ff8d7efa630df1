"""The database goes, or its disk takes nothing more, while a real `serve` and a real `worker` run on it."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
from typer.testing import CliRunner, Result

from router.cli import make_app
from tests.office import line

ROOT = Path(__file__).resolve().parents[2]
#: Each starts up to three processes.
pytestmark = pytest.mark.timeout(180)


@dataclass
class Server:
    """A running `serve`, and the token of a source."""

    process: "subprocess.Popen[bytes]"
    address: str
    token: str = ""

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any], str | None]:
        """Return status, document and Retry-After."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}{path}", body, headers)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
                return answer.status, json.loads(answer.read()), None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()), error.headers["Retry-After"]

    def report(self, name: str) -> tuple[int, dict[str, Any], str | None]:
        return self.ask("/v1/reports", line(reference=name))


def verb(*words: str) -> Result:
    """Run a verb here: starting a process for it costs more than what it does."""
    return CliRunner().invoke(make_app(), [*words])


@contextmanager
def running(
    *words: str, before: str = "", to: "IO[bytes] | int" = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `serve` or `worker` in a process of its own; `before` is what a shell does first."""
    shell = f'{before} exec "$0" main.py "$@"'
    process = subprocess.Popen(
        ["/bin/sh", "-c", shell, sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=to
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


@contextmanager
def serving(folder: Path, *words: str, before: str = "") -> Iterator[Server]:
    command = ("serve", "--json", "--port", "0", "--data", str(folder), *words)
    with running(*command, before=before) as process:
        assert process.stdout is not None
        yield Server(process, json.loads(process.stdout.readline())["address"])


def made_token(folder: Path) -> str:
    return str(
        json.loads(verb("tokens", "create", "form", "--source", "form", "--data", str(folder), "--json").stdout)[
            "token"
        ]
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    assert verb("init", "--data", str(made)).exit_code == 0
    (made / "router.toml").write_text((made / "router.toml").read_text() + 'resolvers = ["127.0.0.1:9"]\n')
    return made


def until(holds: Any) -> None:
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it never held")


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_no_report_is_acknowledged_once_the_database_is_gone(folder: Path, suffix: str, tmp_path: Path) -> None:
    with (tmp_path / "said").open("wb") as said, serving(folder) as server:
        server.token = made_token(folder)
        with running("worker", "--data", str(folder), to=said) as worker:
            assert worker.stdout is not None
            assert b"The worker runs" in worker.stdout.readline()
            assert server.report("r-1")[0] == 202
            assert server.ask("/readyz")[0] == 200
            (folder / f"router.db{suffix}").rename(tmp_path / "gone")
            for name in ("r-2", "r-3"):
                status, problem, again = server.report(name)
                assert (status, problem["reason"], bool(again)) == (503, "file_removed", True)
            status, problem, again = server.ask("/readyz")
            assert (status, problem["reason"], bool(again)) == (503, "file_removed", True)
            assert worker.wait(timeout=60) == 3
        looked = verb("doctor", "--data", str(folder), "--json")
        (store,) = [one for one in json.loads(looked.stdout)["checks"] if one["check"] == "store"]
        assert (looked.exit_code, store["ok"], "removed" in store["text"]) == (1, False, True)
        server.process.terminate()
        assert server.process.wait(timeout=60) == 3
    said = (tmp_path / "said").read_text()
    assert "library_error" not in said
    complaint = said.splitlines()[-1]
    assert "removed while it was in use" in complaint
    assert "start again" in complaint


def test_a_disk_that_takes_nothing_more_is_said_and_forgotten_when_it_does(folder: Path) -> None:
    """As a quota or a full disk: no file may grow beyond what the database has. The signal for it is ignored."""
    blocks = (folder / "router.db").stat().st_size // 512 + 400
    with serving(folder, before=f"trap '' XFSZ; ulimit -f {blocks};") as server:
        server.token = made_token(folder)
        refused = None
        for n in range(3000):
            status, problem, again = server.report(f"r-{n}")
            if status != 202:
                refused = status, problem["reason"], bool(again)
                break
        assert refused in {(503, "io_error", True), (503, "disk_full", True)}
        until(lambda: server.ask("/readyz")[0] == 503)
        _, problem, again = server.ask("/readyz")
        assert (problem["reason"] in {"io_error", "disk_full"}, bool(again)) == (True, True)
        looked = verb("doctor", "--data", str(folder), "--json")
        (store,) = [one for one in json.loads(looked.stdout)["checks"] if one["check"] == "store"]
        assert (looked.exit_code, store["ok"]) == (1, False)
