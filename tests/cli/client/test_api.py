import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from router.cli.client import api
from router.cli.client.api import (
    ApiAnswer,
    ApiClient,
    address,
    announce,
    error_of,
    local_operator,
    open_client,
    running_server,
)
from router.errors import BadInput, CannotStart, Conflict, NotFound, RouterError, Unavailable
from router.guard.access import Permission
from router.settings import Settings
from tests.office import line


class Caller:
    """Remembers what was asked, and gives one answer."""

    address = "http://127.0.0.1:80"

    def __init__(self, status: int, body: Any) -> None:
        self.answer = ApiAnswer(status, body if isinstance(body, bytes) else json.dumps(body).encode())
        self.asked: list[tuple[str, str, bytes | None, str]] = []

    async def ask(self, method: str, path: str, body: bytes | None, media_type: str) -> ApiAnswer:
        self.asked.append((method, path, body, media_type))
        return self.answer


async def test_paths_queries_and_bodies() -> None:
    caller = Caller(200, {"ok": True})
    opened = ApiClient(caller)
    assert await opened.get("cases", state="desk", cursor=None, limit=5) == {"ok": True}
    await opened.post("referrals", "a/b ?", "hold", reason="x", version=None)
    await opened.delete("tokens", "1")
    assert await opened.send("/v1/reports/batch", b"x\n", "application/x-ndjson") == b'{"ok": true}'
    assert caller.asked == [
        ("GET", "/v1/cases?state=desk&limit=5", None, "application/json"),
        ("POST", "/v1/referrals/a%2Fb%20%3F/hold", b'{"reason": "x"}', "application/json"),
        ("DELETE", "/v1/tokens/1", None, "application/json"),
        ("POST", "/v1/reports/batch", b"x\n", "application/x-ndjson"),
    ]


async def test_an_answer_without_a_body_is_none() -> None:
    assert await ApiClient(Caller(204, b"")).post("stop", scope="all", reason="x") is None


def problem(code: str, status: int, **more: Any) -> ApiAnswer:
    body = {"type": f"urn:referral-router:problem:{code}", "status": status, "detail": "A sentence.", "reason": "finer"}
    return ApiAnswer(status, json.dumps({**body, **more}).encode())


@pytest.mark.parametrize(
    ("code", "kind"),
    [("conflict", Conflict), ("not_found", NotFound), ("bad_input", BadInput), ("no such", RouterError)],
)
def test_a_problem_becomes_the_error_it_stands_for(code: str, kind: type[RouterError]) -> None:
    found = error_of(problem(code, 400, errors=[{"field": "/reason", "message": "x"}]))
    assert type(found) is kind
    assert (found.message, found.reason, found.field) == ("A sentence.", "finer", "/reason")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"type": 1}'])
def test_what_is_no_problem_document_is_not_shown(body: bytes) -> None:
    found = error_of(ApiAnswer(502, body))
    assert isinstance(found, Unavailable)
    assert "502" in found.message
    assert "html" not in found.message


async def test_an_error_of_the_api_ends_the_verb() -> None:
    with pytest.raises(Conflict, match="A sentence"):
        await ApiClient(Caller(409, problem("conflict", 409).body)).get("cases")


def test_the_local_operator_is_named_and_sees_no_location() -> None:
    actor = local_operator()
    assert actor.id.startswith("local:")
    assert Permission.CASE_REVEAL not in actor.permissions
    assert Permission.TOKEN_WRITE in actor.permissions


def test_the_file_of_the_running_router_is_for_its_owner(tmp_path: Path) -> None:
    path = announce(tmp_path, 1234, "rr_door_x", "http://127.0.0.1:80")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = running_server(tmp_path)
    assert found == api.Running(1234, "rr_door_x", "http://127.0.0.1:80")
    path.chmod(0o644)
    with pytest.raises(CannotStart, match="chmod 600"):
        running_server(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"port": 1}', '{"port": "x", "secret": "s", "address": "a", "pid": 1}'],
)
def test_a_broken_file_is_no_router(tmp_path: Path, text: str) -> None:
    announce(tmp_path, 1, "s", "http://127.0.0.1:80").write_text(text)
    assert running_server(tmp_path) is None


def test_a_router_that_died_left_its_file(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    path = announce(tmp_path, 1, "s", "http://127.0.0.1:80")
    assert running_server(tmp_path) is not None
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pid": int(ended.stdout)}))
    assert running_server(tmp_path) is None


async def test_a_router_that_does_not_answer(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(Unavailable, match="does not answer"):
            await api.Running(port, "s", "http://127.0.0.1:80").ask("GET", "/v1/cases", None, "application/json")
    with pytest.raises(Unavailable, match="does not answer"):
        await api.Running(port, "s", "http://127.0.0.1:80").ask("GET", "/v1/cases", None, "application/json")


async def test_without_a_running_router_the_api_runs_here(data: str) -> None:
    async with open_client(Path(data)) as opened:
        assert isinstance(opened.caller, api.InProcess)
        assert (await opened.get("cases"))["items"] == []
        with pytest.raises(NotFound):
            await opened.get("cases", "01999999-0000-7000-8000-000000000000")


async def test_no_directory_no_router(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="run `init` first"):
        async with open_client(tmp_path / "none"):
            pass
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("given", "port", "found"),
    [
        ({}, None, "http://127.0.0.1:8080"),
        ({"port": 0}, 4711, "http://127.0.0.1:4711"),
        ({"host": "::1"}, None, "http://[::1]:8080"),
        ({"tls_certificate": "c.pem"}, None, "https://127.0.0.1:8080"),
        ({"public_url": "https://router.example.org/"}, 4711, "https://router.example.org"),
    ],
)
def test_the_address_people_open(tmp_path: Path, given: dict[str, Any], port: int | None, found: str) -> None:
    assert address(Settings.load(data_dir=tmp_path, **given), port) == found


LETTING_IN = (("init", "--account", "anna", "--role", "analyst"), ("accounts", "invite", "anna"))


@pytest.mark.usefixtures("in_person")
def test_both_doors_give_the_same_answers(run: Callable[..., Any], data: str) -> None:
    asked = [
        ("submit", "-", "--json", "--data", data),
        ("cases", "list", "--json", "--data", data),
        ("policy", "explain", "hosting_country=NL", "--json", "--data", data),
        ("referrals", "recall", "01999999-0000-7000-8000-000000000000", "--reason", "x", "--data", data),
        ("cases", "show", "x", "--data", data),
    ]
    given = line("r-1") + b"{broken\n"
    here = [run(*words, stdin=given) for words in asked]
    code = (
        f"import asyncio, sys; sys.argv = ['x', 'serve', '--data', {data!r}, '--port', '0']; import main; main.main()"
    )
    environment = {**os.environ, "ROUTER_WORKERS": "0"}
    server = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    try:
        assert server.stdout is not None
        said = server.stdout.readline().decode()
        assert "The router runs at http://127.0.0.1:" in said
        assert running_server(Path(data)) is not None
        there = [run(*words, stdin=given) for words in asked]
        links = [run(*words, "--json", "--data", data).json["sign_in"] for words in LETTING_IN]
    finally:
        server.send_signal(signal.SIGINT)  # Ctrl-C; tests/cli/test_serve.py ends it by SIGTERM
        offered, complaints = server.communicate(timeout=60)
    assert all(link.startswith(f"{said.split()[4]}/signin/rr_link_") for link in links), "not where it listens"
    assert b"/signin/" not in offered, "a link is offered once, and `init` did so"
    assert [(one.code, one.out, one.err) for one in there] == [(one.code, one.out, one.err) for one in here]
    assert server.returncode == 0
    assert complaints == b""
    assert running_server(Path(data)) is None
