import asyncio
import http.client
import json
import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from router.cli import serve
from router.cli.client.api import FILE
from router.errors import CannotStart

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(*words: str) -> Iterator[tuple[dict[str, Any], "subprocess.Popen[bytes]"]]:
    process = subprocess.Popen(
        [sys.executable, "main.py", "serve", "--json", "--port", "0", *words],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        first = process.stdout.readline()
        assert first, process.stderr.read() if process.stderr else ""
        yield json.loads(first), process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def get(where: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(where.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_init_makes_keys_settings_and_a_first_sign_in(made: Path) -> None:
    for file in ("master.key", "identity.key", "router.db", "router.toml"):
        assert stat.S_IMODE((made / file).stat().st_mode) == 0o600, file
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert tomllib.loads((made / "router.toml").read_text()) == {"name": "child-focus-be", "home": "BE"}


def test_init_shows_the_key_that_peers_pin(run: Callable[..., Any], data: str) -> None:
    first = run("init", "--data", data, "--json").json["identity"]
    assert first["id"] == "child-focus-be-1"
    lines = run("init", "--data", data).out.splitlines()
    assert f"identity: peers pin key {first['id']} = {first['public']}" in lines


def test_init_again_keeps_everything_and_adds_a_person(run: Callable[..., Any], data: str) -> None:
    before = {file: (Path(data) / file).read_bytes() for file in ("master.key", "router.toml")}
    done = run("init", "--data", data, "--account", "anna", "--role", "analyst", "--json")
    assert done.code == 0
    assert "/signin/rr_link_" in done.json["sign_in"]
    assert {file: (Path(data) / file).read_bytes() for file in before} == before


def test_init_again_lets_a_person_in_and_never_changes_their_role(run: Callable[..., Any], data: str) -> None:
    """It printed "signs in" for whatever role was asked, and left the account as it was."""
    assert run("init", "--data", data, "--account", "anna", "--role", "analyst").code == 0
    done = run("init", "--data", data, "--account", "anna", "--role", "supervisor")
    assert (done.code, done.out) == (3, "")
    assert done.err == "anna is analyst, not supervisor; `accounts role anna supervisor` changes that.\n"
    for words in ((), ("--role", "analyst")):
        assert "anna signs in within 15 minutes" in run("init", "--data", data, "--account", "anna", *words).out
    listed = run("accounts", "list", "--json", "--data", data).json["items"]
    assert [(one["name"], one["role"]) for one in listed] == [("anna", "analyst"), ("supervisor", "supervisor")]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--role", "king", "--account", "x"), 2, "role: "),
        (("--home", "Belgium"), 2, "The setting `home` cannot be used: this is not an ISO 3166-1"),
        (("--name", "Child Focus"), 2, "The setting `name` cannot be used: write small letters"),
    ],
)
def test_init_refuses_what_cannot_be(
    run: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("init", "--data", str(tmp_path / "d"), *words)
    assert (done.code, done.err.count("\n")) == (code, 1)
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_setting_of_the_environment_that_cannot_be_used_is_no_wrong_use(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROUTER_PORT", "many")
    done = run("init", "--data", str(tmp_path / "d"))
    assert (done.code, "`port`" in done.err) == (3, True)
    assert not (tmp_path / "d").exists()


def test_serve_on_an_empty_directory_makes_what_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with serving("--data", str(folder)) as (said, process):
        assert said["address"].startswith("http://127.0.0.1:")
        assert said["sign_in"].startswith(f"{said['address']}/signin/rr_link_")
        assert get(said["address"], "/livez")[0] == 200
        assert get(said["address"], "/readyz")[0] == 200
        assert get(said["address"], "/v1/cases")[0] == 401
        known = json.loads((folder / FILE).read_text())
        assert known["pid"] == process.pid
        assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
        limits = Path(f"/proc/{process.pid}/limits").read_text()
        assert re.search(r"^Max core file size\s+0\s+0\s", limits, re.MULTILINE)
        soft, hard = re.findall(r"^Max open files\s+(\S+)\s+(\S+)\s", limits, re.MULTILINE)[0]
        assert soft == hard
        behind = f"http://127.0.0.1:{known['port']}"
        assert get(behind, "/v1/cases", authorization=f"Bearer {known['secret']}")[0] == 200
        assert get(behind, "/v1/cases", authorization=f"Bearer {known['secret']}x")[0] == 401
        assert get(said["address"], "/v1/cases", authorization=f"Bearer {known['secret']}")[0] == 401
        status, headers, _ = get(said["address"], "/openapi.json")
        assert status == 200
        assert "server" not in headers
    assert process.returncode == 0
    assert not (folder / FILE).exists()


def test_a_wrong_master_key_is_one_sentence(run: Callable[..., Any], data: str) -> None:
    (Path(data) / "master.key").write_text(f"{os.urandom(32).hex()}\n")
    done = run("stats", "--data", data)
    assert done.code == 3
    assert done.err.count("\n") == 1
    assert "master key" in done.err


def test_a_setting_that_cannot_be_used_is_one_sentence(run: Callable[..., Any], data: str) -> None:
    (Path(data) / "router.toml").write_text('home = "XX"\n')
    done = run("migrate", "--data", data)
    assert done.code == 3
    assert "`home`" in done.err
    assert done.err.count("\n") == 1


def test_migrate_says_where_the_schema_is(run: Callable[..., Any], data: str) -> None:
    done = run("migrate", "--data", data, "--json")
    assert done.code == 0
    assert done.json["revision"]


def test_a_worker_runs_until_told(data: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "main.py", "worker", "--data", data], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert b"The worker runs" in process.stdout.readline()
        assert process.poll() is None
    finally:
        process.terminate()
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints


class Ends:
    """A router whose worker ends by itself, as one does under a schema that became newer than it."""

    def worker(self) -> "Ends":
        return self

    async def run(self) -> None:
        raise CannotStart("The database's schema is newer than this program; install the newer version.")

    def stop(self) -> None:
        """It has ended."""


async def test_a_worker_that_ends_takes_the_program_with_it() -> None:
    """Reports would be taken and never sent, and nobody would see it."""
    with pytest.raises(CannotStart, match="newer"):
        async with serve._working(Ends()) as worker:
            await asyncio.wait_for(serve._until_told(asyncio.Event(), [worker]), 1)


@pytest.mark.usefixtures("log_restored")
def test_a_key_that_has_seen_a_database_takes_no_empty_one(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    folder = Path(data)
    for file in folder.glob("router.db*"):
        file.rename(tmp_path / file.name)
    before = sorted(folder.iterdir())
    for words in (("serve", "--port", "0"), ("worker",), ("migrate",), ("stats",), ("init",)):
        done = run(*words, "--data", data)
        assert (done.code, done.err.count("\n")) == (3, 1), words
        assert "`init --new-database`" in done.err
        assert sorted(folder.iterdir()) == before


def test_a_new_database_has_to_be_meant(run: Callable[..., Any], data: str) -> None:
    folder = Path(data)
    for file in folder.glob("router.db*"):
        file.unlink()
    (folder / "router.db").touch()  # an empty file is no database either
    assert run("stats", "--data", data).code == 3
    (folder / "router.db").unlink()
    assert run("init", "--new-database", "--data", data).code == 0
    assert run("stats", "--data", data).code == 0


def test_a_database_that_was_put_back_is_taken(run: Callable[..., Any], data: str, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "kept")
    for file in Path(data).glob("router.db*"):
        file.unlink()
    assert run("stats", "--data", data).code == 3
    for file in (tmp_path / "kept").glob("router.db*"):
        shutil.copy(file, data)
    assert run("stats", "--data", data).code == 0


@pytest.mark.usefixtures("log_restored")
@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("worker",), ("migrate",), ("stats",), ("doctor",)])
def test_who_cannot_write_says_what_is_missing(run: Callable[..., Any], data: str, words: tuple[str, ...]) -> None:
    """As on a full disk: no file grows beyond a page (Python ignores the signal that comes with it)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        done = run(*words, "--data", data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert done.code == (1 if words == ("doctor",) else 3)
    text = done.out if words == ("doctor",) else done.err
    assert "nobody foresaw" not in text
    assert "disk" in text or "ulimit" in text


@pytest.mark.usefixtures("log_restored")
def test_a_certificate_that_cannot_be_used_ends_serve_before_anything_is_made(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "router.toml").write_text(f'tls_certificate = "{tmp_path}/none.pem"\ntls_key = "{tmp_path}/none.key"\n')
    done = run("serve", "--port", "0", "--data", str(folder))
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "TLS certificate" in done.err
    assert [one.name for one in folder.iterdir()] == ["router.toml"]


@pytest.mark.usefixtures("log_restored")
@pytest.mark.parametrize("words", [("worker",), ("migrate",), ("stats",), ("doctor",), ("submit", "-"), ("init",)])
def test_where_there_is_no_router_nothing_but_init_and_serve_makes_one(
    run: Callable[..., Any], tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = run(*words, "--data", str(tmp_path))
    if words == ("init",):
        assert (tmp_path / "router.db").exists()
        return
    assert done.code == (1 if words == ("doctor",) else 3)
    assert "run `init` first" in (done.out if words == ("doctor",) else done.err)
    assert list(tmp_path.iterdir()) == []
